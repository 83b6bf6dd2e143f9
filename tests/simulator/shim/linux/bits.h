/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once
#define BIT_ULL(n) (1ULL << (n))
#define BIT(n) (1UL << (n))
