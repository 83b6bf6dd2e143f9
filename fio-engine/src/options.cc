// SPDX-License-Identifier: GPL-2.0-only
#include "options.h"

#include <array>

#include "carriers/carriers.h"
#include "kairo/hint.hpp"
#include "metadata.h"

namespace kairo::engine {
namespace {

constexpr std::size_t kMaxOptions = 48;

// fio's structure has some thirty members of which an option uses a few, so the entries are made by
// calls that name those.
class Table {
 public:
  Table() {  // NOLINT(readability-function-size): an entry for each option
    add("kv_path", "KV hint carrier", FIO_OPT_STR, offsetof(Options, path),
        "How the class of an I/O reaches the kernel; a carrier that the kernel refuses fails "
        "before any I/O",
        "none");
    for (const CarrierInfo* carrier : carriers())
      value(carrier->name, carrier->path, carrier->help);

    add("kv_class", "KV class", FIO_OPT_STR_STORE, offsetof(Options, classes),
        "Class of the job's I/O: auto, normal, decode, prefetch, prefill or evict; or one each for "
        "read,write,trim. auto is decode,prefill,evict. With kv_trace: replay only the records of "
        "this class");
    add("kv_split", "KV class split", FIO_OPT_STR_STORE, offsetof(Options, split),
        "Class drawn per I/O, class/percent:class/percent for read,write,trim, as in "
        "decode/70:prefetch/30; the rest is normal");
    add("kv_bssplit", "KV class by block size", FIO_OPT_STR_STORE, offsetof(Options, bssplit),
        "Class by block size, size/class[/percent]:... for read,write,trim, as in "
        "64k/decode:128k/prefetch; use with bssplit");
    add("kv_map", "KV class map", FIO_OPT_STR_STORE, offsetof(Options, map),
        "File of byte ranges, a line each: start,end,class,model,session,pool,lifetime,recompute");
    add("kv_prio", "KV priorities", FIO_OPT_STR_STORE, offsetof(Options, prio),
        "I/O priority beside the hint with kv_path=ioprio, and with attr if it is given: be (best "
        "effort, level 4, for all), rt (decode RT/0, prefetch BE/0, prefill BE/7), mqd3 (RT/0, "
        "BE/4, IDLE/7: the three that mq-deadline tells apart), kairo (RT/0, RT/1, BE/7), or "
        "decode=1/0:prefetch=2/4:...");
    add("kv_prio_hint", "KV priority hint", FIO_OPT_BOOL, offsetof(Options, prio_hint),
        "With kv_path=ioprio: put the class into the hint bits of the priority; 0: class and level "
        "of kv_prio only",
        "1");
    add("kv_model_id", "KV model", FIO_OPT_ULL, offsetof(Options, model_id),
        "Model that the I/O belongs to, 1 to 65535; this and what follows reaches the kernel with "
        "kv_path=attr",
        "0");
    last().maxval = UINT32_MAX;
    add("kv_session_id", "KV session", FIO_OPT_ULL, offsetof(Options, session_id),
        "Session that the I/O belongs to", "0");
    last().maxval = UINT32_MAX;
    add("kv_sessions", "KV sessions", FIO_OPT_STR_STORE, offsetof(Options, sessions),
        "Number of sessions that share the job, N or N:zipf:theta: one is drawn per I/O");
    add("kv_pool_id", "KV pool", FIO_OPT_ULL, offsetof(Options, pool_id),
        "Cache pool that the I/O belongs to, 1 to 65535", "0");
    last().maxval = UINT32_MAX;
    add("kv_group_id", "KV placement group", FIO_OPT_ULL, offsetof(Options, group_id),
        "Placement group that the I/O belongs to, 1 to 65535", "0");
    last().maxval = UINT32_MAX;
    add("kv_lifetime", "KV lifetime", FIO_OPT_STR, offsetof(Options, lifetime),
        "How long the blocks will be wanted", "none");
    value("none", Lifetime::kNone, "Not known");
    value("short", Lifetime::kShort, "Dropped soon");
    value("session", Lifetime::kSession, "As long as the session");
    value("model", Lifetime::kModel, "As long as the model is loaded");
    value("persistent", Lifetime::kPersistent, "For good; carried for CAP_SYS_NICE only");
    add("kv_recompute", "KV recomputable", FIO_OPT_ULL, offsetof(Options, recompute),
        "Percentage of the I/O whose blocks can be computed again, drawn per I/O", "0");
    last().maxval = UINT32_MAX;
    add("kv_semantics", "KV semantics", FIO_OPT_STR_STORE, offsetof(Options, semantics),
        "ephemeral, nodurability, avoidcache, any of them with ':' between; sent "
        "with kv_path=attr, to reads avoidcache alone");
    add("kv_evict_op", "KV evict operation", FIO_OPT_STR, offsetof(Options, evict_op),
        "What a trim becomes", "auto");
    value("auto", EvictOp::kAuto,
          "discard on a block device, reset on a zoned one, punch on a file");
    value("discard", EvictOp::kDiscard,
          "Discard, block devices only; on a zoned one a reset of whole zones");
    value("punch", EvictOp::kPunch, "Punch a hole");
    value("zero", EvictOp::kZero, "Zero the range and keep its space");
    value("none", EvictOp::kNone, "Complete without I/O");
    add("kv_deadline", "KV deadlines", FIO_OPT_STR_STORE, offsetof(Options, deadline),
        "Latency that a class should keep, as in decode/2ms:prefetch/20ms; misses are counted in "
        "kv_stats, and the kernel gets prefetch's with kv_path=attr");

    add("kv_rate", "KV arrival rate", FIO_OPT_ULL, offsetof(Options, rate),
        "Open loop: Poisson arrivals per second, latency from the intended start; 0 is closed "
        "loop",
        "0");
    last().maxval = UINT32_MAX;

    add("kv_trace", "KV workload file", FIO_OPT_STR_STORE, offsetof(Options, trace),
        "Replay this workload file open loop (docs/workload-format.md)");
    add("kv_depend", "KV dependencies", FIO_OPT_BOOL, offsetof(Options, depend),
        "With kv_trace: a decode waits until its session's earlier prefetch and prefill are done",
        "0");
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

    add("cmdprio_percentage", "high priority percentage", FIO_OPT_INT,
        offsetof(Options, cmdprio.percentage[DDIR_READ]),
        "Send high priority I/O this percentage of the time");
    last().off2 = offsetof(Options, cmdprio.percentage[DDIR_WRITE]);
    last().maxval = 100;
    add("cmdprio_class", "Asynchronous I/O priority class", FIO_OPT_INT,
        offsetof(Options, cmdprio.cmdprio_class_[DDIR_READ]), "Set asynchronous IO priority class");
    last().off2 = offsetof(Options, cmdprio.cmdprio_class_[DDIR_WRITE]);
    last().minval = 1;
    last().maxval = 3;
    last().interval = 1;
    add("cmdprio", "Asynchronous I/O priority level", FIO_OPT_INT,
        offsetof(Options, cmdprio.level[DDIR_READ]), "Set asynchronous IO priority level");
    last().off2 = offsetof(Options, cmdprio.level[DDIR_WRITE]);
    last().maxval = 7;
    last().interval = 1;
#if FIO_IOOPS_VERSION >= 33  // fio 3.36
    add("cmdprio_hint", "Asynchronous I/O priority hint", FIO_OPT_INT,
        offsetof(Options, cmdprio.hint[DDIR_READ]), "Set asynchronous IO priority hint");
    last().off2 = offsetof(Options, cmdprio.hint[DDIR_WRITE]);
    last().maxval = 1023;
    last().interval = 1;
#endif
    add("cmdprio_bssplit", "Priority percentage block size split", FIO_OPT_STR_STORE,
        offsetof(Options, cmdprio.bssplit_str),
        "Set priority percentages for different block sizes");
  }

  fio_option* data() {
    return entries_.data();
  }

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

  fio_option& last() {
    return entries_[count_ - 1];
  }

  std::array<fio_option, kMaxOptions> entries_ = {};
  std::size_t count_ = 0;
  std::size_t values_ = 0;
};

}  // namespace

fio_option* option_table() {
  static Table table;
  return table.data();
}

}  // namespace kairo::engine
