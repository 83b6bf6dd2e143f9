// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kairo I/O scheduler as a module of a stock kernel: only of that which it
 * was built for.
 *
 * The scheduler uses structures that are private to the block layer. The
 * kernel's versions of symbols do not cover them, and its release stays the
 * same when Debian rebuilds it, so the version with its build date has to be
 * the same.
 */
#define pr_fmt(fmt) "kairo: " fmt

#include <linux/errno.h>
#include <linux/printk.h>
#include <linux/string.h>
#include <linux/utsname.h>

#include <generated/utsversion.h>

int kairo_stock_check(void)
{
	const char *version = init_utsname()->version;

	if (strcmp(version, UTS_VERSION)) {
		pr_err("this module is for the kernel \"%s\", which this is not (\"%s\"): build it for this one\n",
		       UTS_VERSION, version);
		return -ENOEXEC;
	}
	pr_info("stock kernel: hints are those of an I/O priority with a class; no contexts, regions, RWF_KV_*, classes of files, placement, or prefill in parts\n");
	return 0;
}
