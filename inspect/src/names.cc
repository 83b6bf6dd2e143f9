// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/inspect/names.h"

#include <algorithm>

namespace kairo::inspect {
namespace {

using enum NameKind;
using enum SourceShape;

constexpr Source kSources[] = {
    {"counters", "kernel/debug/block/DEV/sched/counters", kTable, 1, "kairo"},
    {"in_flight", "kernel/debug/block/DEV/sched/in_flight", kTable, 1, "kairo"},
    {"sizes", "kernel/debug/block/DEV/sched/sizes", kTable, 1, "kairo"},
    {"latency", "kernel/debug/block/DEV/sched/latency", kTable, 2, "kairo"},
    {"latency_histogram", "kernel/debug/block/DEV/sched/latency_histogram", kTable, 3, "kairo"},
    {"control", "kernel/debug/block/DEV/sched/control", kKeyValues, 0, "kairo"},
    {"contexts", "kernel/debug/block/DEV/sched/contexts", kTable, 1, "kairo"},
    {"semantics", "kernel/debug/block/DEV/sched/semantics", kTable, 1, "kairo"},
    {"placement", "kernel/debug/block/DEV/sched/placement", kTable, 1, "kairo"},
    {"regions", "kernel/debug/io_uring_kv/regions", kKeyValues, 0, ""},
    {"tunables", "block/DEV/queue/iosched", kFiles, 0, "kairo"},
    {"mq_deadline", "block/DEV/queue/iosched", kFiles, 0, "mq-deadline", false},
    {"tracepoints", "kernel/tracing/events/kairo", kEvents, 0, ""},
    {"flash_model", "kernel/debug/kairo_ssd/DEV/stats", kKeyValues, 0, ""},
    {"flash_model_streams", "kernel/debug/kairo_ssd/DEV/streams", kTable, 1, ""},
    {"flash_model_log", "kernel/debug/kairo_ssd/DEV/order_log", kLog, 0, ""},
    {"flash_model_attributes", "kernel/config/kairo_ssd/DEV", kFiles, 0, ""},
};

constexpr KnownName kNames[] = {
    {"counters", "queued", kCounter, "I/Os", "came in"},
    {"counters", "dispatched", kCounter, "requests", "went to the drive, once each"},
    {"counters", "completed", kCounter, "requests", "ended"},
    {"counters", "expired", kCounter, "requests", "dispatched after their deadline"},
    {"counters", "merged", kCounter, "I/Os", "became a part of another request"},
    {"counters", "late", kCounter, "requests", "completed after their deadline"},
    {"counters", "escaped", kCounter, "requests", "went ahead of their turn: past their deadline"},
    {"counters", "held", kCounter, "times", "the class began to wait: budget, or decode reads"},
    {"counters", "merge_tried", kCounter, "I/Os", "looked for a request to join"},
    {"counters", "split", kCounter, "parts", "taken off I/Os larger than the class may send"},
    {"counters", "due", kCounter, "requests", "completed that had a deadline of their own", false},
    {"counters", "paced", kCounter, "times", "prefill began to wait for its rate", false},

    {"in_flight", "requests", kGauge, "requests", "inside the drive"},
    {"in_flight", "bytes", kGauge, "bytes", "inside the drive, of a class with a budget"},
    {"in_flight", "budget", kGauge, "bytes", "that may be inside the drive"},
    {"in_flight", "throttled", kGauge, "", "1: a request of the class waits for the budget"},

    {"sizes", "4k", kCounter, "requests", "dispatched, up to 4 KiB"},
    {"sizes", "8k", kCounter, "requests", "dispatched, above 4 KiB up to 8 KiB"},
    {"sizes", "16k", kCounter, "requests", "dispatched, above 8 KiB up to 16 KiB"},
    {"sizes", "32k", kCounter, "requests", "dispatched, above 16 KiB up to 32 KiB"},
    {"sizes", "64k", kCounter, "requests", "dispatched, above 32 KiB up to 64 KiB"},
    {"sizes", "128k", kCounter, "requests", "dispatched, above 64 KiB up to 128 KiB"},
    {"sizes", "256k", kCounter, "requests", "dispatched, above 128 KiB up to 256 KiB"},
    {"sizes", "512k", kCounter, "requests", "dispatched, above 256 KiB up to 512 KiB"},
    {"sizes", "larger", kCounter, "requests", "dispatched, above 512 KiB"},

    {"latency", "samples", kCounter, "requests", "completed, by span: queue, device, total"},
    {"latency", "p50_ns", kGauge, "ns", "median, the end of its bucket"},
    {"latency", "p95_ns", kGauge, "ns", "95th percentile"},
    {"latency", "p99_ns", kGauge, "ns", "99th percentile"},
    {"latency", "p99.9_ns", kGauge, "ns", "99.9th percentile"},
    {"latency", "max_ns", kGauge, "ns", "largest"},
    {"latency_histogram", "requests", kCounter, "requests", "below the end of a bucket"},

    {"control", "steps", kCounter, "steps", "the controller made"},
    {"control", "probing", kGauge, "", "1: one prefill at a time, to find its least latency"},
    {"control", "queued_64ths", kGauge, "1/64", "prefill latency in the drive / least latency"},
    {"control", "prefill_request_bytes", kGauge, "bytes", "prefill is split to that", false},
    {"control", "squeeze_256ths", kGauge, "1/256", "what decode_target_us leaves of the budgets"},
    {"control", "decode_target_ns", kGauge, "ns", "a decode read that takes longer is slow", false},
    {"control", "decode_floor_ns", kGauge, "ns", "least latency of a decode read in the drive",
     false},
    {"control", "prefetch_floor_ns", kGauge, "ns", "least latency of a prefetch read", false},
    {"control", "prefetch_load_bytes", kGauge, "bytes", "in flight, keep the drive busy"},
    {"control", "prefetch_budget_bytes", kGauge, "bytes", "budget the controller sets"},
    {"control", "prefill_floor_ns", kGauge, "ns", "least latency of a prefill write", false},
    {"control", "prefill_load_bytes", kGauge, "bytes", "in flight, keep the drive busy"},
    {"control", "prefill_budget_bytes", kGauge, "bytes", "budget the controller sets"},
    {"control", "pace", kGauge, "", "state of the search for budget and rate of prefill", false},
    {"control", "pace_ms", kGauge, "ms", "in that state", false},
    {"control", "pace_bytes_per_s", kGauge, "bytes/s", "prefill may be sent, 0 for any", false},
    {"control", "drain_bytes_per_s", kGauge, "bytes/s", "the drive keeps up with", false},
    {"control", "decode_level_ns", kGauge, "ns", "mean decode read in the drive", false},
    {"control", "decode_low_ns", kGauge, "ns", "the same with little in its way", false},
    {"control", "decode_goal_ns", kGauge, "ns", "the same is to stay below", false},
    {"control", "slow_windows", kGauge, "windows", "in a row in which it was not", false},
    {"control", "calm_ms", kGauge, "ms", "since the last of these", false},

    {"contexts", "queued", kCounter, "I/Os", "with a context, by its lifetime, or recomputable",
     false},

    {"semantics", "queued", kCounter, "I/Os", "whose attribute has a flag of KAIRO_RW_*, by flag",
     false},
    {"placement", "queued", kCounter, "I/Os",
     "writes to place: attempts, fallbacks without a stream, by stream", false},

    {"regions", "registered", kCounter, "regions", "since boot, of all rings", false},
    {"regions", "ended", kCounter, "regions", "unregistered, or gone with a ring or an inode",
     false},
    {"regions", "inside", kCounter, "I/Os", "that lay wholly inside a region", false},
    {"regions", "crossing", kCounter, "I/Os", "across the border of a region: got nothing", false},
    {"regions", "outside", kCounter, "I/Os", "of a ring with regions, in none", false},

    {"tunables", "enable", kSetting, "", "0: no hint is looked at, the order is mq-deadline's"},
    {"tunables", "normal_max_wait_us", kSetting, "us", "a normal read goes ahead after that"},
    {"tunables", "normal_write_max_wait_us", kSetting, "us", "a normal write"},
    {"tunables", "decode_max_wait_us", kSetting, "us", "a decode read counts as late after that"},
    {"tunables", "prefetch_max_wait_us", kSetting, "us", "a prefetch read goes ahead after that"},
    {"tunables", "prefill_max_wait_us", kSetting, "us", "a prefill write"},
    {"tunables", "evict_max_wait_us", kSetting, "us", "an eviction"},
    {"tunables", "prefetch_budget_kib", kSetting, "KiB", "budget unless control is adaptive"},
    {"tunables", "prefill_budget_kib", kSetting, "KiB", "budget unless control is adaptive"},
    {"tunables", "evict_budget_kib", kSetting, "KiB", "budget; a discard counts as 128 KiB"},
    {"tunables", "evict_request_kib", kSetting, "KiB", "discards are split to that"},
    {"tunables", "decode_merge_kib", kSetting, "KiB", "smaller reads wait to be merged, 0: none",
     false},
    {"tunables", "control", kSetting, "", "budgets by feedback: off, observe, adaptive"},
    {"tunables", "decode_target_us", kSetting, "us", "p99 of decode to aim at, 0 for none"},
    {"tunables", "decode_idle_ms", kSetting, "ms", "budgets apply that long after a decode read"},
    {"tunables", "expired_batch", kSetting, "requests", "expired ones in a row"},
    {"tunables", "regular_batch", kSetting, "requests", "in order between expired batches"},
    {"tunables", "fifo_batch", kSetting, "requests", "normal ones in the order of sectors"},
    {"tunables", "writes_starved", kSetting, "times", "normal reads go before normal writes"},
    {"tunables", "front_merges", kSetting, "", "1: normal requests merge at their front, too"},
    {"tunables", "hold_writes", kSetting, "", "1: unhinted writes wait as prefill does"},
    {"tunables", "placement", kSetting, "", "1: writes get the stream of their context", false},
    {"mq_deadline", "kv_classes", kSetting, "", "1: KV classes take mq-deadline's priorities"},

    {"tracepoints", "kairo_classify", kTracepoint, "", "a request got its class"},
    {"tracepoints", "kairo_context", kTracepoint, "", "what the context of a request says", false},
    {"tracepoints", "kairo_semantics", kTracepoint, "", "what an I/O's data is worth", false},
    {"tracepoints", "kairo_placement", kTracepoint, "", "a write got a stream, or a fallback",
     false},
    {"tracepoints", "kairo_dispatch", kTracepoint, "", "a request goes to the drive"},
    {"tracepoints", "kairo_held", kTracepoint, "", "a class begins to wait"},
    {"tracepoints", "kairo_escape", kTracepoint, "", "an expired request goes ahead of its turn"},
    {"tracepoints", "kairo_late", kTracepoint, "", "a request completed after its deadline"},
    {"tracepoints", "kairo_budget", kTracepoint, "", "the controller made a step"},
    {"tracepoints", "kairo_pace", kTracepoint, "", "the pace of prefill was decided upon", false},

    {"flash_model", "elapsed_ns", kCounter, "ns", "since the counters were zeroed"},
    {"flash_model", "die_busy_ns", kCounter, "ns", "dies were busy, summed over the dies"},
    {"flash_model", "reads", kCounter, "requests", ""},
    {"flash_model", "writes", kCounter, "requests", ""},
    {"flash_model", "discards", kCounter, "requests", "write-zeroes too"},
    {"flash_model", "flushes", kCounter, "requests", ""},
    {"flash_model", "read_bytes", kCounter, "bytes", ""},
    {"flash_model", "write_bytes", kCounter, "bytes", ""},
    {"flash_model", "discard_bytes", kCounter, "bytes", ""},
    {"flash_model", "pages_read", kCounter, "pages", "die operations for requests"},
    {"flash_model", "pages_programmed", kCounter, "pages", "die operations for requests"},
    {"flash_model", "pages_moved", kCounter, "pages", "by garbage collection: read, programmed",
     false},
    {"flash_model", "blocks_erased", kCounter, "blocks", "by garbage collection", false},
    {"flash_model", "max_in_flight", kGauge, "requests", "most inside the device at a time"},
    {"flash_model", "programmed_bytes", kCounter, "bytes", "of the host's writes, now in the flash",
     false},
    {"flash_model", "buffered_bytes", kGauge, "bytes", "room taken in the write buffer", false},
    {"flash_model", "buffer_pages_read", kCounter, "pages", "served from the write buffer", false},
    {"flash_model", "suspensions", kCounter, "programs", "that gave way to a read", false},
    {"flash_model", "pauses", kCounter, "pauses", "for housekeeping", false},
    {"flash_model", "slc_pages", kGauge, "pages", "in the fast flash", false},
    {"flash_model", "slc_pages_moved", kCounter, "pages", "out of the fast flash", false},
    {"flash_model_streams", "pages_programmed", kCounter, "pages",
     "written to a stream; 0: without one", false},
    {"flash_model_log", "ns", kGauge, "ns", "CLOCK_MONOTONIC at which a request came"},
    {"flash_model_log", "op", kGauge, "", "read, write, discard, write_zeroes, flush"},
    {"flash_model_log", "hint", kGauge, "", "of the request's I/O priority, 0: none"},
    {"flash_model_log", "sector", kGauge, "512 B", "where it begins"},
    {"flash_model_log", "bytes", kGauge, "bytes", "its size"},
    {"flash_model_attributes", "dies", kSetting, "dies", "that work in parallel"},
    {"flash_model_attributes", "page_kib", kSetting, "KiB", "what a die operation takes"},
    {"flash_model_attributes", "read_us", kSetting, "us", "page read"},
    {"flash_model_attributes", "program_us", kSetting, "us", "page program"},
    {"flash_model_attributes", "discard_us", kSetting, "us", "discard"},
    {"flash_model_attributes", "tags", kSetting, "commands", "accepted per hardware queue"},
    {"flash_model_attributes", "hw_queues", kSetting, "queues", ""},
    {"flash_model_attributes", "size_gib", kSetting, "GiB", "capacity"},
    {"flash_model_attributes", "max_request_kib", kSetting, "KiB", "largest request"},
    {"flash_model_attributes", "chunk_kib", kSetting, "KiB", "that no request crosses", false},
    {"flash_model_attributes", "memory_backed", kSetting, "", "1: keeps what is written"},
    {"flash_model_attributes", "order_log", kSetting, "entries", "of the order log"},
    {"flash_model_attributes", "gc", kSetting, "", "1: collects garbage", false},
    {"flash_model_attributes", "block_pages", kSetting, "pages", "of an erase block", false},
    {"flash_model_attributes", "spare_percent", kSetting, "%", "pages beyond the capacity", false},
    {"flash_model_attributes", "erase_us", kSetting, "us", "block erase", false},
    {"flash_model_attributes", "streams", kSetting, "streams", "write streams", false},
    {"flash_model_attributes", "write_buffer_kib", kSetting, "KiB", "write buffer", false},
    {"flash_model_attributes", "buffer_ack_us", kSetting, "us", "from room for a write to its end",
     false},
    {"flash_model_attributes", "buffer_blocks_queue", kSetting, "",
     "1: a write without room holds back its queue", false},
    {"flash_model_attributes", "read_first", kSetting, "", "1: reads before programs", false},
    {"flash_model_attributes", "suspend_us", kSetting, "us", "in which a program gives way", false},
    {"flash_model_attributes", "spread_percent", kSetting, "%", "spread of times", false},
    {"flash_model_attributes", "outlier_ppm", kSetting, "ppm", "operations that take longer",
     false},
    {"flash_model_attributes", "outlier_factor", kSetting, "", "by so many times", false},
    {"flash_model_attributes", "pause_every_ms", kSetting, "ms", "mean interval of pauses", false},
    {"flash_model_attributes", "pause_ms", kSetting, "ms", "length of a pause", false},
    {"flash_model_attributes", "slc_gib", kSetting, "GiB", "fast flash", false},
    {"flash_model_attributes", "slc_program_us", kSetting, "us", "page program there", false},
    {"flash_model_attributes", "channels", kSetting, "channels", "that dies share", false},
    {"flash_model_attributes", "channel_mb_s", kSetting, "MB/s", "of each", false},
    {"flash_model_attributes", "link_mb_s", kSetting, "MB/s", "to and from the host", false},
    {"flash_model_attributes", "seed", kSetting, "", "places pages never written, draws chance"},
    {"flash_model_attributes", "power", kSetting, "", "1: the disk is there"},
};

}  // namespace

std::string_view kind_name(NameKind kind) {
  switch (kind) {
    case kCounter:
      return "counter";
    case kGauge:
      return "gauge";
    case kSetting:
      return "setting";
    case kTracepoint:
      break;
  }
  return "tracepoint";
}

std::span<const Source> sources() {
  return kSources;
}

std::span<const KnownName> known_names() {
  return kNames;
}

const KnownName* find_name(std::string_view source, std::string_view name) {
  const auto* const found = std::find_if(
      std::begin(kNames), std::end(kNames),
      [&](const KnownName& known) { return known.source == source && known.name == name; });
  return found == std::end(kNames) ? nullptr : found;
}

}  // namespace kairo::inspect
