// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/trace/import.h"

#include <cmath>
#include <utility>

#include "kairo/base/short_names.h"
#include "kairo/base/units.h"
#include "kairo/trace/arrivals.h"

namespace kairo::trace {
namespace {

constexpr std::uint64_t kGrain = engine::kBlockBytes;
constexpr std::uint64_t kMaxSlots = 1ULL << 24;

template <class T>
Status in_range(std::string_view option, T value, T low, T high) {
  if (value >= low && value <= high) return {};
  return fail(ErrorCode::kUsage, "{}: {} is outside {} .. {}", option, value, low, high);
}

Status check_io(std::string_view option, std::uint64_t bytes) {
  if (bytes >= kGrain && bytes <= engine::kMaxDataBytes && bytes % kGrain == 0) return {};
  return fail(ErrorCode::kUsage, "{}: {} KiB is not a multiple of 4 in 4 .. 1024", option,
              bytes >> 10);
}

Status check(const ImportOptions& o) {
  constexpr std::uint64_t kMinute = 60'000'000'000;
  for (const Status& ok :
       {in_range("--time-scale", o.time_scale, 1e-3, 1e6),
        in_range("--prefill-speed", o.prefill_tokens_per_s, 1.0, 1e9),
        in_range<std::uint32_t>("--prefill-workers", o.prefill_workers, 1, 65536),
        in_range<std::uint64_t>("--prefetch-mibps", o.prefetch_mib_per_s, 1, 1 << 20),
        in_range<std::uint64_t>("--tpot", o.tpot_ns, 1000, kMinute),
        in_range("--decode-read-fraction", o.decode_read_fraction, 0.0, 1.0),
        in_range<std::uint64_t>("--max-records", o.max_records, 1, engine::kMaxRecords),
        in_range<std::uint64_t>("--length", o.length_ns, 1'000'000, engine::kMaxDurationNs),
        in_range<std::uint64_t>("--spread", o.spread_ns.value_or(0), 0, 60 * kMinute),
        check_io("--prefetch-kib", o.prefetch_bytes), check_io("--prefill-kib", o.prefill_bytes)}) {
    if (!ok) return ok;
  }
  if (o.device_bytes < kGrain || o.device_bytes > engine::kMaxDeviceBytes ||
      o.device_bytes % kGrain != 0)
    return fail(ErrorCode::kUsage, "--device: {} bytes is not a multiple of 4096 up to 1 PiB",
                o.device_bytes);
  if (o.flash_bytes.value_or(o.device_bytes) > o.device_bytes)
    return fail(ErrorCode::kUsage, "--flash: {} is more than the device has, {}",
                base::format_bytes(*o.flash_bytes), base::format_bytes(o.device_bytes));
  return {};
}

std::string blocks_as(const Geometry& geometry, std::uint64_t blocks) {
  return base::format_bytes(blocks * geometry.block_bytes);
}

HeaderLines header_of(const ImportOptions& options, const Imported& made) {
  const Geometry& g = made.geometry;
  const std::uint64_t before_bytes = made.simulation.before.computed * g.block_bytes;
  return {{"trace_format", std::string(made.format->name)},
          {"trace_window_ns", fmt::format("{}:{}", made.window.begin_ns, made.window.duration_ns)},
          {"time_scale", fmt::format("{}", options.time_scale)},
          {"spread_ns", fmt::format("{}", made.spread_ns)},
          {"model", std::string(g.model.name)},
          {"token_bytes", fmt::format("{}", g.token_bytes)},
          {"scale", fmt::format("{}", g.effective_scale())},
          {"block_bytes", fmt::format("{}", g.block_bytes)},
          {"page_bytes", fmt::format("{}", g.page_bytes)},
          {"memory_bytes", fmt::format("{}", made.memory_blocks * g.block_bytes)},
          {"flash_bytes", fmt::format("{}", made.flash_slots * g.block_bytes)},
          {"flash_start", options.cold ? "empty" : "full"},
          {"computed_before_bytes", fmt::format("{}", before_bytes)},
          {"prefill", fmt::format("{} workers x {} tokens/s", options.prefill_workers,
                                  options.prefill_tokens_per_s)},
          {"prefetch_mib_per_s", fmt::format("{}", options.prefetch_mib_per_s)},
          {"tpot_ns", fmt::format("{}", options.tpot_ns)},
          {"decode_read_fraction", fmt::format("{}", options.decode_read_fraction)},
          {"seed", fmt::format("{}", options.seed)}};
}

Result<RequestReader> open(const ImportOptions& options) {
  return RequestReader::open(options.trace, options.format, options.block_tokens);
}

// Of `made`: geometry, sizes, window and spread.
Result<Simulation> simulate_window(const ImportOptions& options, const Imported& made) {
  KAIRO_TRY(auto reader, open(options));
  return simulate(
      Arrivals(std::move(reader), made.spread_ns, options.seed),
      {.geometry = made.geometry,
       .memory_blocks = made.memory_blocks,
       .flash_slots = made.flash_slots,
       .used_before = !options.cold,
       .begin_ns = made.window.begin_ns,
       .duration_ns = made.window.duration_ns,
       .time_scale = options.time_scale,
       .prefetch_bytes = static_cast<std::uint32_t>(options.prefetch_bytes),
       .prefill_bytes = static_cast<std::uint32_t>(options.prefill_bytes),
       .prefetch_bytes_per_s = static_cast<double>(options.prefetch_mib_per_s) * 1048576,
       .prefill_tokens_per_s = options.prefill_tokens_per_s,
       .prefill_workers = options.prefill_workers,
       .tpot_ns = options.tpot_ns,
       .decode_read_fraction = options.decode_read_fraction,
       .seed = options.seed,
       .max_records = options.max_records});
}

// The sizes of the tiers in blocks of `made.geometry`.
Status size_tiers(const ImportOptions& options, Imported& made) {
  const std::uint64_t block = made.geometry.block_bytes;
  const std::uint64_t slots = options.flash_bytes.value_or(options.device_bytes) / block;
  if (slots < 1 || slots > kMaxSlots)
    return fail(ErrorCode::kUsage,
                "the flash tier holds {} blocks of {}, not 1 .. {} (change --flash, --device or "
                "--scale)",
                slots, blocks_as(made.geometry, 1), kMaxSlots);
  made.flash_slots = static_cast<std::uint32_t>(slots);
  made.memory_blocks = options.memory_bytes / block;
  return {};
}

// In `made.window`, which moves when nobody chose it and nothing happens in it.
Result<Simulation> simulate_something(const ImportOptions& options, const Survey& seen,
                                      Imported& made) {
  auto simulation = simulate_window(options, made);
  if (simulation && simulation->records.empty() && !options.window) {
    // All that is wanted in the typical window is in memory. New blocks are written.
    made.window.begin_ns = busiest_ns(seen);
    simulation = simulate_window(options, made);
  }
  if (simulation && simulation->records.empty())
    return fail(ErrorCode::kUsage,
                "{}: no I/O in the window {} + {}; the trace has {} requests in {} (choose another "
                "--window)",
                options.trace.string(),
                base::format_duration_ns(static_cast<double>(made.window.begin_ns)),
                base::format_duration_ns(static_cast<double>(made.window.duration_ns)),
                base::format_count(seen.requests),
                base::format_duration_ns(static_cast<double>(seen.last_ns())));
  return simulation;
}

}  // namespace

Result<Imported> import_trace(const ImportOptions& options) {
  KAIRO_CHECK(check(options));
  KAIRO_TRY(auto first, open(options));
  Imported made;
  GeometryOptions wanted = options.geometry;
  wanted.block_tokens = first.block_tokens();
  KAIRO_TRY(made.geometry, make_geometry(wanted));
  KAIRO_CHECK(size_tiers(options, made));

  KAIRO_TRY(const auto seen, survey(std::move(first)));
  made.format = seen.format;
  made.full_blocks_only = seen.full_blocks_only;
  made.trace_requests = seen.requests;
  made.trace_duration_ns = seen.last_ns();
  made.spread_ns = options.spread_ns.value_or(clock_tick_ns(seen));
  const auto length = static_cast<std::uint64_t>(
      std::llround(static_cast<double>(options.length_ns) * options.time_scale));
  made.window = options.window.value_or(typical_window(seen, length, made.spread_ns));

  KAIRO_TRY(auto simulation, simulate_something(options, seen, made));
  made.workload.records = std::move(simulation.records);
  made.simulation = std::move(simulation);
  made.workload.device_bytes = options.device_bytes;
  made.workload.duration_ns = static_cast<std::uint64_t>(
      std::ceil(static_cast<double>(made.window.duration_ns) / options.time_scale));
  if (made.workload.duration_ns > engine::kMaxDurationNs)
    return fail(ErrorCode::kUsage,
                "the workload would last longer than 30 days (give a shorter --window)");
  made.workload.sample = options.sample || seen.generated;
  made.workload.source = options.trace.filename().string();
  made.header = header_of(options, made);
  return made;
}

}  // namespace kairo::trace
