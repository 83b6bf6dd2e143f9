/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once
#include "bits.h"
#include "types.h"
static inline int fls64(u64 n) {
  return n ? 64 - __builtin_clzll(n) : 0;
}
