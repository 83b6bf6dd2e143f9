/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once
#define __percpu
#define this_cpu_inc(x) ((void)(x))
#define this_cpu_read(x) (x)
#define this_cpu_write(x, v) ((void)(v))
