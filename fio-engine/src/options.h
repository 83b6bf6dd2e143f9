// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstddef>
#include <cstdint>

#include "fio_headers.h"

// The engine's job options, as fio's parser fills them.
namespace kairo::engine {

// How the class of an I/O reaches the kernel (carriers/); the best first.
enum class Path : unsigned {
  kNone,    // not at all, and no class in the statistics either: a plain io_uring engine
  kLabel,   // not at all: classes in the statistics only, the I/O is what kNone sends
  kAttr,    // an attribute of the SQE, with deadline and context
  kRwf,     // RWF_KV_* in sqe->rw_flags
  kIoprio,  // hint bits of sqe->ioprio
  kFile,    // nothing in the I/O: the open file has a class for its reads and one for its writes
  kRegion,  // nothing in the I/O: each file is a region of the ring, with these classes
  kAuto,    // the best that this kernel accepts for the files of the job
};
inline constexpr std::size_t kPaths = 8;

// What fio's trim becomes.
enum class EvictOp : unsigned {
  kAuto,     // block device: discard; file: punch
  kDiscard,  // of a block device; of a zoned one, a reset of whole zones
  kPunch,    // a hole: the space goes back to the file system
  kZero,     // the range reads as zeroes, the space stays
  kNone,     // no I/O at all: what the evictions cost, by leaving them out
};

// Of kv_rate, per second.
inline constexpr unsigned kMaxRate = 100'000'000;

// One per job; fio allocates and fills it from the table below. Plain data: fio copies it bytewise.
struct Options {
  void* pad;  // fio: the offset of an option may not be 0
  unsigned path;
  char* classes;  // lists, as hint_lists.h parses them; null: not given
  char* split;
  char* bssplit;
  char* map;
  char* prio;
  unsigned prio_hint;
  // Wide, because fio cuts what is given for a narrow option to 32 bits before it looks at the
  // range.
  unsigned long long model_id;
  unsigned long long session_id;
  unsigned long long pool_id;
  unsigned long long group_id;
  char* sessions;
  unsigned lifetime;
  unsigned long long recompute;  // percent
  char* semantics;
  unsigned evict_op;
  char* deadline;
  unsigned long long rate;  // arrivals per second, 0: closed loop
  char* trace;
  unsigned depend;  // of a replay: a decode follows what its session loaded and wrote
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
  cmdprio_options cmdprio;
};

// The table for ioengine_ops::options, ended by an entry without a name. One static object: fio
// keeps pointers into it.
fio_option* option_table();

}  // namespace kairo::engine
