/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once
#include "types.h"
static inline bool is_power_of_2(unsigned long n) {
  return n && !(n & (n - 1));
}
static inline int ilog2(u64 n) {
  return 63 - __builtin_clzll(n);
}
static inline unsigned long roundup_pow_of_two(unsigned long n) {
  return n <= 1 ? 1 : 1UL << (ilog2(n - 1) + 1);
}
