/* SPDX-License-Identifier: GPL-2.0-only */
/* What headers of the series have that those of a stock 6.12 lack. */
#ifndef KAIRO_STOCK_H
#define KAIRO_STOCK_H

/* linux/rw_hint.h: no bio has a tag here */
#define TAG_FLAGS_SHIFT	16

/* stock.c */
int kairo_stock_check(void);

#endif /* KAIRO_STOCK_H */
