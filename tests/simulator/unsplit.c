/* SPDX-License-Identifier: GPL-2.0-only */
/* Requests are not split here: what control.c asks of the scheduler's split.c. */
#include "block/kairo/control.h"

u32 kairo_trial_requests(const struct kairo_control *c, const struct kairo_pool_window *pw)
{
	(void)c;
	(void)pw;
	return 0;
}

void kairo_learn_split(struct kairo_control *c, const struct kairo_pool_window *pw)
{
	(void)c;
	(void)pw;
}
