// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>

#include "fio_headers.h"

// The engine's job options, as fio's parser fills them.
namespace kairo::engine {

// How the class of an I/O reaches the kernel.
enum class Path : unsigned {
  kNone,    // not at all, and no class in the statistics either: a plain io_uring engine
  kLabel,   // not at all: classes in the statistics only, the I/O is what kNone sends
  kIoprio,  // hint bits of sqe->ioprio
  kRwf,     // RWF_KV_* in sqe->rw_flags
  kAuto,    // the best that this kernel accepts for the files of the job
};

// The ioprio class and level that stand beside the hint (Path::kIoprio).
enum class Prio : unsigned {
  kBestEffort,  // best effort, level 4, for all
  kRealTime,    // decode RT/0, prefetch BE/0, prefill BE/7: means something to stock schedulers too
};

// kv_class when it is not given: read=decode, write=prefill, trim=evict.
inline constexpr unsigned kClassByDirection = 255;

// Of kv_rate, per second.
inline constexpr unsigned kMaxRate = 100'000'000;

// One per job; fio allocates and fills it from the table below. Plain data: fio copies it bytewise.
struct Options {
  void* pad;  // fio: the offset of an option may not be 0
  unsigned path;
  unsigned cls;  // a class number or kClassByDirection
  unsigned prio;
  unsigned rate;  // arrivals per second, 0: closed loop
  char* trace;
  char* stats;
  // As in fio's own io_uring engine.
  unsigned hipri;
  unsigned fixedbufs;
  unsigned registerfiles;
  unsigned sqthread_poll;
  int sqthread_poll_cpu;  // -1: any
  int nonvectored;        // -1: when the kernel can
  unsigned uncached;
  unsigned nowait;
  unsigned force_async;  // every N-th request, 0: never
};

// The table for ioengine_ops::options, ended by an entry without a name. One static object: fio
// keeps pointers into it.
fio_option* option_table();

const char* path_name(Path path);

}  // namespace kairo::engine
