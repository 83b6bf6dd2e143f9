// SPDX-License-Identifier: GPL-2.0-only
#include "options.h"

#include <array>

#include "kairo/hint.hpp"

namespace kairo::engine {
namespace {

constexpr std::size_t kMaxOptions = 32;

// fio's structure has some thirty members of which an option uses a few, so the entries are made by
// calls that name those.
class Table {
 public:
  Table() {
    add("kv_path", "KV hint carrier", FIO_OPT_STR, offsetof(Options, path),
        "How the class of an I/O reaches the kernel; a carrier that the kernel refuses fails "
        "before any I/O",
        "none");
    value("none", Path::kNone, "Not at all, and no classes in the statistics");
    value("label", Path::kLabel, "Not at all, classes in the statistics only");
    value("ioprio", Path::kIoprio, "Hint bits of the I/O priority");
    value("rwf", Path::kRwf, "RWF_KV_* flags, needs a kernel with Kairo");
    value("auto", Path::kAuto, "rwf when the kernel accepts it, else ioprio; prints which");

    add("kv_class", "KV class", FIO_OPT_STR, offsetof(Options, cls),
        "Class of the job's I/O; with kv_trace: replay only the records of this class", "auto");
    value("auto", kClassByDirection, "read=decode, write=prefill, trim=evict; all of a trace");
    value("normal", KAIRO_CLASS_NORMAL, "No class");
    value("decode", KAIRO_CLASS_DECODE, "Read that a decode waits for");
    value("prefetch", KAIRO_CLASS_PREFETCH, "Read ahead of a decode");
    value("prefill", KAIRO_CLASS_PREFILL, "Write of new cache blocks");
    value("evict", KAIRO_CLASS_EVICT, "Discard of dead cache blocks (trim)");

    add("kv_prio", "KV priority preset", FIO_OPT_STR, offsetof(Options, prio),
        "I/O priority beside the hint with kv_path=ioprio", "be");
    value("be", Prio::kBestEffort, "Best effort, level 4, for every class");
    value("rt", Prio::kRealTime, "decode RT/0, prefetch BE/0, prefill BE/7 (needs privilege)");

    add("kv_rate", "KV arrival rate", FIO_OPT_INT, offsetof(Options, rate),
        "Open loop: Poisson arrivals per second, latency from the intended start; 0 is closed "
        "loop",
        "0");

    add("kv_trace", "KV workload file", FIO_OPT_STR_STORE, offsetof(Options, trace),
        "Replay this workload file open loop (docs/workload-format.md)");
    add("kv_stats", "KV statistics file", FIO_OPT_STR_STORE, offsetof(Options, stats),
        "Write per-class counters to this JSON file; %j is the job's name, %n its number");

    add("hipri", "High priority", FIO_OPT_STR_SET, offsetof(Options, hipri),
        "Use polled I/O completions");
    add("fixedbufs", "Fixed buffers", FIO_OPT_STR_SET, offsetof(Options, fixedbufs),
        "Register the I/O buffers with the ring");
    add("registerfiles", "Register files", FIO_OPT_STR_SET, offsetof(Options, registerfiles),
        "Open all files at the start and register them with the ring");
    add("sqthread_poll", "Kernel SQ thread polling", FIO_OPT_STR_SET,
        offsetof(Options, sqthread_poll), "A kernel thread submits");
    add("sqthread_poll_cpu", "SQ thread CPU", FIO_OPT_INT, offsetof(Options, sqthread_poll_cpu),
        "Where the submitting kernel thread runs", "-1");
    last().minval = -1;
    add("nonvectored", "Non-vectored", FIO_OPT_INT, offsetof(Options, nonvectored),
        "Use non-vectored read/write commands; -1 is when the kernel can", "-1");
    last().minval = -1;
    last().maxval = 1;
    add("uncached", "Uncached", FIO_OPT_INT, offsetof(Options, uncached),
        "Drop buffered data from the page cache after use (RWF_DONTCACHE)", "0");
    add("nowait", "RWF_NOWAIT", FIO_OPT_BOOL, offsetof(Options, nowait),
        "Fail instead of blocking in the kernel", "0");
    add("force_async", "Force async", FIO_OPT_INT, offsetof(Options, force_async),
        "Set IOSQE_ASYNC on every N-th request", "0");
  }

  fio_option* data() { return entries_.data(); }

 private:
  void add(const char* name, const char* title, fio_opt_type type, std::size_t offset,
           const char* help, const char* preset = nullptr) {
    assert(count_ + 1 < kMaxOptions);  // the last entry stays empty and ends the table
    fio_option& option = entries_[count_++];
    option.name = name;
    option.lname = title;
    option.type = type;
    option.off1 = static_cast<unsigned>(offset);
    option.help = help;
    option.def = preset;
    option.category = FIO_OPT_C_ENGINE;
    option.group = FIO_OPT_G_IOURING;
    values_ = 0;
  }

  template <class Value>
  void value(const char* name, Value number, const char* help) {
    value_pair& pair = last().posval[values_++];
    pair.ival = name;
    pair.oval = static_cast<unsigned long long>(number);
    pair.help = help;
  }

  fio_option& last() { return entries_[count_ - 1]; }

  std::array<fio_option, kMaxOptions> entries_ = {};
  std::size_t count_ = 0;
  std::size_t values_ = 0;
};

}  // namespace

fio_option* option_table() {
  static Table table;
  return table.data();
}

const char* path_name(Path path) {
  switch (path) {
    case Path::kNone:
      return "none";
    case Path::kLabel:
      return "label";
    case Path::kIoprio:
      return "ioprio";
    case Path::kRwf:
      return "rwf";
    case Path::kAuto:
      return "auto";
  }
  return "unknown";
}

}  // namespace kairo::engine
