/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * What I/O of a key-value cache is.
 */
#ifndef _UAPI_LINUX_KAIRO_H
#define _UAPI_LINUX_KAIRO_H

#include <linux/types.h>

/*
 * Classes of the kairo I/O scheduler, in the order of its statistics.
 *
 * An I/O is given a class with an IOPRIO_HINT_KV_* hint in its I/O priority,
 * with an RWF_KV_* flag, or with the attribute below. Discards and write-zeroes
 * are KAIRO_CLASS_EVICT, everything else is KAIRO_CLASS_NORMAL.
 *
 * Reads are KAIRO_CLASS_DECODE or KAIRO_CLASS_PREFETCH, writes are
 * KAIRO_CLASS_PREFILL or KAIRO_CLASS_EVICT. A flag or attribute of the other
 * direction is EINVAL; a hint of the other direction says nothing, since a
 * task's priority is there for its reads and writes alike.
 */
#define KAIRO_CLASS_NORMAL	0
#define KAIRO_CLASS_DECODE	1
#define KAIRO_CLASS_PREFETCH	2
#define KAIRO_CLASS_PREFILL	3
#define KAIRO_CLASS_EVICT	4
#define KAIRO_NR_CLASSES	5

/*
 * What linux/fs.h, linux/ioprio.h and linux/fcntl.h of this kernel say of them,
 * for programs that are built with the headers of another one. The kernel has
 * them from there.
 */
#ifndef __KERNEL__
/* preadv2(2), pwritev2(2), aio_rw_flags of libaio, sqe->rw_flags */
#ifndef RWF_KV_DECODE
#define RWF_KV_DECODE		0x00002000
#define RWF_KV_PREFETCH		0x00004000
#define RWF_KV_PREFILL		0x00008000
#define RWF_KV_MASK		0x0000e000
#endif

/*
 * In bits 3 to 12 of an I/O priority, between its level and its class:
 * ioprio_set(2), aio_reqprio of libaio, sqe->ioprio. With a class other than
 * IOPRIO_CLASS_NONE it reaches the scheduler on any kernel.
 */
#ifndef IOPRIO_HINT_KV_DECODE
#define IOPRIO_HINT_KV_DECODE	8
#define IOPRIO_HINT_KV_PREFETCH	9
#define IOPRIO_HINT_KV_PREFILL	10
#define IOPRIO_HINT_KV_EVICT	11
#endif
/* + n: data that is used (4 + n % 4) << (n / 4) * 16 us after it was asked for */
#ifndef IOPRIO_KV_NR_DEADLINES
#define IOPRIO_HINT_KV_PREFETCH_BY	64
#define IOPRIO_KV_NR_DEADLINES		64
#endif

/* fcntl(2): KAIRO_CLASS_* for reads | KAIRO_CLASS_* for writes << 8 */
#ifndef F_SET_KV_CLASS
#define F_GET_KV_CLASS		1152
#define F_SET_KV_CLASS		1153
#endif
#endif /* __KERNEL__ */

/*
 * An attribute of read and write submissions of io_uring: the bit in
 * sqe->attr_type_mask, with sqe->attr_ptr pointing to a struct kairo_rw_attr.
 * For direct I/O on files that take RWF_KV_*; EOPNOTSUPP on others, EINVAL for
 * what is unknown or contradicts itself.
 *
 * The attribute must stay as it is until the kernel has consumed its SQE.
 * io_uring_enter(2) has consumed those that it counts when it returns; with
 * IORING_SETUP_SQPOLL a kernel thread does so later: wait until the head of the
 * submission queue has passed the SQE, or for the completion of the I/O.
 */
#define KAIRO_RW_ATTR_FLAG	(1ULL << 48)

/* in io_uring_params.features if the kernel knows the attribute */
#define KAIRO_FEAT_RW_ATTR	(1U << 31)

#define KAIRO_RW_ATTR_VERSION	1

struct kairo_rw_attr {
	__u16	size;		/* sizeof(struct kairo_rw_attr) */
	__u8	version;	/* KAIRO_RW_ATTR_VERSION */
	/*
	 * KAIRO_CLASS_* that fits the direction; replaces a hint in sqe->ioprio
	 * and excludes RWF_KV_*. With KAIRO_CLASS_NORMAL these decide.
	 */
	__u8	io_class;
	__u16	context;	/* id of a context it may use, 0 = none */
	__u16	flags;		/* KAIRO_RW_* */
	/*
	 * For KAIRO_CLASS_PREFETCH: how long after the submission the data is
	 * used, 0 = not said. Rounded down by at most a fifth; less than 64
	 * counts as 64, more than 3670016 as that.
	 */
	__u32	deadline_us;
	__u32	resv[5];	/* 0 */
};

/*
 * kairo_rw_attr.flags. The first three say what the application makes of the
 * data; I/O schedulers and drivers may use it, errors are reported as always.
 */
/* a write: nobody will want it after a crash; not with RWF_DSYNC, RWF_SYNC */
#define KAIRO_RW_EPHEMERAL		(1U << 0)
/* the data can be computed again */
#define KAIRO_RW_RECOMPUTABLE		(1U << 1)
/* a write that cleans up after an eviction: with KAIRO_CLASS_EVICT only */
#define KAIRO_RW_EVICT_CLEANUP		(1U << 2)
/*
 * A write need not be on the medium when it completes, whatever O_DSYNC and
 * O_SYNC of the file say; not with RWF_DSYNC, RWF_SYNC. Not for files that are
 * synchronous by mount option or attribute, and EPERM if another user opened the
 * file with O_DSYNC or O_SYNC. fsync(2) makes it durable.
 */
#define KAIRO_RW_NO_DURABILITY		(1U << 3)
/*
 * This I/O brings nothing into the page cache: it is direct even if the file was
 * opened without O_DIRECT, with the alignment that asks for. EOPNOTSUPP if the
 * file cannot be opened so. What others have read before stays.
 */
#define KAIRO_RW_AVOID_PAGECACHE	(1U << 4)
#define KAIRO_NR_RW_FLAGS		5

/*
 * A context says whose the data of an I/O is and how long it lives. It belongs
 * to the ring it is registered with and ends with it at the latest. Other rings
 * may use it if it is KAIRO_CONTEXT_PROCESS and the same process made them.
 *
 * io_uring_register(ring, KAIRO_REGISTER_CONTEXT, struct kairo_context_reg *, 1)
 *	EPERM	weight or lifetime needs a privilege
 *	ENOSPC	the user has user.max_kairo_contexts, or 65535 exist,
 *		4096 of them for CAP_SYS_ADMIN only
 * io_uring_register(ring, KAIRO_UNREGISTER_CONTEXT, NULL, id)
 *	ENOENT	the ring has no such context
 *
 * I/O in flight keeps its context after that: the id is given to nobody else
 * before the last of it is complete.
 */
#define KAIRO_REGISTER_CONTEXT		128
#define KAIRO_UNREGISTER_CONTEXT	129

#define KAIRO_CONTEXT_VERSION	1

/* kairo_context_info.lifetime */
#define KAIRO_LIFETIME_NONE		0	/* not said */
#define KAIRO_LIFETIME_SHORT		1	/* a request */
#define KAIRO_LIFETIME_SESSION		2
#define KAIRO_LIFETIME_MODEL		3
#define KAIRO_LIFETIME_PERSISTENT	4	/* CAP_SYS_NICE or CAP_SYS_ADMIN */
#define KAIRO_NR_LIFETIMES		5

/* kairo_context_info.flags */
#define KAIRO_CONTEXT_RECOMPUTABLE	(1U << 0)
#define KAIRO_CONTEXT_PROCESS		(1U << 1)	/* for all its rings */

/* kairo_context_info.weight; 0 stands for the default */
#define KAIRO_WEIGHT_DEFAULT	100	/* above: CAP_SYS_NICE or CAP_SYS_ADMIN */
#define KAIRO_WEIGHT_MAX	10000

struct kairo_context_info {
	/* numbers of the application, the kernel only shows them */
	__u64	model;
	__u64	session;
	__u32	cache_pool;
	__u32	placement_group; /* keep writes of it together; 0: none */
	__u8	lifetime;	/* KAIRO_LIFETIME_* */
	__u8	resv;		/* 0 */
	__u16	flags;		/* KAIRO_CONTEXT_* */
	__u32	recompute_us;	/* of KAIRO_CONTEXT_RECOMPUTABLE: its cost */
	__u32	weight;		/* share among contexts */
	__u32	resv2;		/* 0 */
};

struct kairo_context_reg {
	__u32	size;		/* sizeof(struct kairo_context_reg) */
	__u16	version;	/* KAIRO_CONTEXT_VERSION */
	__u16	id;		/* 0; returned: for kairo_rw_attr.context */
	__u64	seq;		/* 0; returned: no other context has it */
	struct kairo_context_info info;
	__u64	resv;		/* 0 */
};

/*
 * A region is an extent of a file or block device. It says what direct reads and
 * writes through its ring are that lie wholly inside it and have no attribute:
 * they get its class, unless RWF_KV_* or the I/O priority gives a hint, and its
 * context. An I/O has one class and one context, so one that crosses the border
 * of a region gets nothing from it, and from a region next to it neither. Nor
 * do appends, whose place is not known when they are submitted.
 *
 * Regions of a ring do not overlap. A region is for I/O that is submitted while
 * it is there, through any descriptor of the file. It ends when it is
 * unregistered, with its ring, or with the inode: when the device is gone, when
 * the last user of a deleted file has closed it, and at any time after the last
 * user of another file has. A region whose context was unregistered has none.
 *
 * io_uring_register(ring, KAIRO_REGISTER_REGION, struct kairo_region_reg *, 1)
 *	EBADF		no such file
 *	EOPNOTSUPP	not a file that takes RWF_KV_*
 *	ENOENT		no such context, or not for this ring
 *	EEXIST		overlaps a region of the ring
 *	ENOSPC		the user has user.max_kairo_regions
 * io_uring_register(ring, KAIRO_UNREGISTER_REGION, NULL, id)
 *	ENOENT		the ring has no such region
 */
#define KAIRO_REGISTER_REGION		130
#define KAIRO_UNREGISTER_REGION		131

#define KAIRO_REGION_VERSION	1

/* kairo_region_reg.flags */
#define KAIRO_REGION_FIXED_FILE	(1U << 0)	/* fd is an index */

struct kairo_region_reg {
	__u32	size;		/* sizeof(struct kairo_region_reg) */
	__u16	version;	/* KAIRO_REGION_VERSION */
	__u16	flags;		/* KAIRO_REGION_* */
	__s32	fd;		/* of the file, or index of a registered file */
	__u32	id;		/* 0; returned: used again after all others */
	__u64	offset;		/* bytes */
	__u64	length;		/* bytes, at least 1; at most 2^63 - offset */
	/* at least one of the three */
	__u8	read_class;	/* KAIRO_CLASS_DECODE, KAIRO_CLASS_PREFETCH */
	__u8	write_class;	/* KAIRO_CLASS_PREFILL, KAIRO_CLASS_EVICT */
	__u16	context;	/* id of a context the ring may use */
	__u32	resv[5];	/* 0 */
};

#endif /* _UAPI_LINUX_KAIRO_H */
