/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once
#include <errno.h>
#include <stdlib.h>
#define GFP_KERNEL 0
#define __GFP_NOWARN 0
#define __GFP_RETRY_MAYFAIL 0
#define kvcalloc(n, s, f) calloc(n, s)
#define kcalloc(n, s, f) calloc(n, s)
#define kvzalloc(s, f) calloc(1, s)
#define kvfree free
#define kfree free
