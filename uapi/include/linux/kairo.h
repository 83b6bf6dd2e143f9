/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
#ifndef _UAPI_LINUX_KAIRO_H
#define _UAPI_LINUX_KAIRO_H

/*
 * Classes of KV-cache I/O, in the order in which every Kairo file, counter
 * and tunable names them: normal decode prefetch prefill evict.
 */
#define KAIRO_CLASS_NORMAL	0	/* no hint */
#define KAIRO_CLASS_DECODE	1	/* read that a running decode waits for */
#define KAIRO_CLASS_PREFETCH	2	/* read ahead of a decode */
#define KAIRO_CLASS_PREFILL	3	/* write of a newly computed cache block */
#define KAIRO_CLASS_EVICT	4	/* discard, write-zeroes or punch-hole */
#define KAIRO_NR_CLASSES	5

#endif /* _UAPI_LINUX_KAIRO_H */
