/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once
#define SZ_1K 0x400
#define SZ_4K 0x1000
#define SZ_128K 0x20000
#define SZ_1M 0x100000
#define SZ_2M 0x200000
#define SZ_64M 0x4000000
#define SZ_1G 0x40000000
