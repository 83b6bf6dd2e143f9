/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once
#include "bits.h"
#include "types.h"
typedef u32 blk_opf_t;
#define REQ_OP_MASK 0xffU
enum req_op {
  REQ_OP_READ,
  REQ_OP_WRITE,
  REQ_OP_DISCARD = 3,
  REQ_OP_SECURE_ERASE = 5,
  REQ_OP_WRITE_ZEROES = 9
};
