/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * Classes of the kairo I/O scheduler, in the order of its statistics.
 *
 * An I/O is given a class with an IOPRIO_HINT_KV_* hint in its I/O priority or
 * with an RWF_KV_* flag. Discards and write-zeroes are KAIRO_CLASS_EVICT,
 * everything else is KAIRO_CLASS_NORMAL.
 */
#ifndef _UAPI_LINUX_KAIRO_H
#define _UAPI_LINUX_KAIRO_H

#define KAIRO_CLASS_NORMAL	0
#define KAIRO_CLASS_DECODE	1
#define KAIRO_CLASS_PREFETCH	2
#define KAIRO_CLASS_PREFILL	3
#define KAIRO_CLASS_EVICT	4
#define KAIRO_NR_CLASSES	5

#endif /* _UAPI_LINUX_KAIRO_H */
