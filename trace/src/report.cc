// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/trace/report.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "kairo/base/units.h"
#include "kairo/trace/summary.h"

namespace kairo::trace {
namespace {

using base::format_bytes;
using base::format_count;
using base::format_duration_ns;
using nlohmann::ordered_json;

std::string percent(std::uint64_t part, std::uint64_t whole) {
  if (whole == 0) return "n/a";
  return fmt::format("{:.1f} %", 100.0 * static_cast<double>(part) / static_cast<double>(whole));
}

ordered_json ratio(std::uint64_t part, std::uint64_t whole) {
  if (whole == 0) return nullptr;
  return static_cast<double>(part) / static_cast<double>(whole);
}

std::string duration(std::uint64_t ns) {
  return format_duration_ns(static_cast<double>(ns));
}

// What lab bytes stand for before sampling.
std::string unscaled(std::uint64_t blocks, const Geometry& geometry) {
  return format_bytes(blocks * geometry.full_block_pages * geometry.page_bytes);
}

ordered_json to_json(const HitCounts& hits) {
  return {{"requests", hits.requests},
          {"blocks", hits.blocks},
          {"memory", hits.memory},
          {"in_flight", hits.in_flight},
          {"flash", hits.flash},
          {"computed", hits.computed},
          {"memory_hit_rate", ratio(hits.memory + hits.in_flight, hits.blocks)},
          {"flash_hit_rate", ratio(hits.flash, hits.blocks)}};
}

std::string hits_line(std::string_view name, const HitCounts& hits) {
  return fmt::format("{:<12}{:>9}{:>10}{:>10}{:>10}{:>10}{:>10}\n", name,
                     format_count(hits.requests), format_count(hits.blocks),
                     percent(hits.memory, hits.blocks), percent(hits.in_flight, hits.blocks),
                     percent(hits.flash, hits.blocks), percent(hits.computed, hits.blocks));
}

constexpr std::string_view kFullOnly =
    "ids         of full blocks only: what is left of a prompt is a block of its own, never "
    "reused\n";

constexpr std::array<double, 4> kQuantiles = {0.1, 0.5, 0.9, 0.99};

template <class T, class Show>
std::string quantiles(const std::vector<T>& sorted, Show show) {
  if (sorted.empty()) return "n/a";
  std::string out;
  for (const double q : kQuantiles)
    out += std::string(out.empty() ? "" : " / ").append(show(quantile(sorted, q)));
  return out;
}

template <class T>
ordered_json quantiles_json(const std::vector<T>& sorted) {
  ordered_json out = ordered_json::object();
  for (const double q : kQuantiles)
    out[fmt::format("p{:.0f}", q * 100)] =
        sorted.empty() ? ordered_json(nullptr) : ordered_json(quantile(sorted, q));
  return out;
}

// Cache sizes of the miss-ratio curve: powers of two up to the first that holds every block.
std::vector<std::uint64_t> curve_sizes(const Reuse& reuse) {
  std::vector<std::uint64_t> sizes;
  std::uint64_t size = 64;
  while (size < reuse.unique) {
    sizes.push_back(size);
    size *= 2;
  }
  sizes.push_back(size);
  return sizes;
}

struct FlashNeed {
  std::uint64_t memory_blocks = 0;
  std::uint64_t memory_hits = 0;
  std::uint64_t missed_reuse = 0;    // reuses that memory alone does not catch
  std::uint64_t flash_for_half = 0;  // blocks, to catch so much of them
  std::uint64_t flash_for_most = 0;
  std::uint64_t flash_for_all = 0;
};

// Both tiers are LRU and flash holds what memory holds, so a flash tier of n blocks hits what an
// LRU cache of n blocks hits, less what memory answers.
FlashNeed flash_need(const Reuse& reuse, std::uint64_t memory_blocks) {
  FlashNeed need;
  need.memory_blocks = memory_blocks;
  need.memory_hits = reuse.hits(memory_blocks);
  need.missed_reuse = reuse.reused() - need.memory_hits;
  const auto size_for = [&](double share) {
    const auto wanted =
        static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(need.missed_reuse)));
    return wanted == 0 ? 0 : reuse.cache_for(need.memory_hits + wanted);
  };
  need.flash_for_half = size_for(0.5);
  need.flash_for_most = size_for(0.9);
  need.flash_for_all = size_for(1.0);
  return need;
}

// Memory sizes worth a line: none, then every fourth size of the curve that still misses reuse.
std::vector<FlashNeed> flash_needs(const Reuse& reuse) {
  std::vector<FlashNeed> needs = {flash_need(reuse, 0)};
  const auto sizes = curve_sizes(reuse);
  for (std::size_t i = 0; i < sizes.size(); i += 2) {
    needs.push_back(flash_need(reuse, sizes[i]));
    if (needs.back().missed_reuse == 0) break;
  }
  return needs;
}

constexpr auto count = [](auto value) { return format_count(value); };

std::string bytes_of(std::uint64_t blocks, const Geometry& geometry) {
  return format_bytes(blocks * geometry.block_bytes);
}

// When and in which order blocks are used again, where the format tells which are the same.
std::string reuse_text(const Reuse& reuse) {
  std::string out = fmt::format("reuse       time between uses p10/p50/p90/p99 {}\n",
                                quantiles(reuse.gaps_ns, duration));
  out += fmt::format("            different blocks between p10/p50/p90/p99 {}\n",
                     quantiles(reuse.distances, count));
  out += fmt::format("prefix      {} of the reused blocks follow the same block as before\n",
                     percent(reuse.same_parent, reuse.reused()));
  out += fmt::format(
      "            known leading blocks per request p10/p50/p90/p99 {}; {} of the requests know "
      "all "
      "but the last\n",
      quantiles(reuse.shared_prefix, count), percent(reuse.fully_shared, reuse.requests));
  return out;
}

// What a cache of each size would hit, and how much flash it takes to catch the rest.
std::string size_tables(const Reuse& reuse, const Geometry& geometry) {
  const auto bytes = [&](std::uint64_t blocks) { return bytes_of(blocks, geometry); };
  std::string out =
      fmt::format("\n{:>12}{:>12}{:>10}{:>10}\n", "LRU blocks", "bytes", "hit rate", "of reuse");
  for (const std::uint64_t size : curve_sizes(reuse))
    out += fmt::format("{:>12}{:>12}{:>10}{:>10}\n", format_count(size), bytes(size),
                       percent(reuse.hits(size), reuse.blocks),
                       percent(reuse.hits(size), reuse.reused()));
  out += fmt::format(
      "\nflash needed to catch a share of the reuse that memory "
      "misses\n{:>12}{:>12}{:>12}{:>12}{:>12}\n",
      "memory", "it catches", "for 50 %", "for 90 %", "for all");
  for (const FlashNeed& need : flash_needs(reuse))
    out += fmt::format("{:>12}{:>12}{:>12}{:>12}{:>12}\n", bytes(need.memory_blocks),
                       percent(need.memory_hits, reuse.reused()), bytes(need.flash_for_half),
                       bytes(need.flash_for_most), bytes(need.flash_for_all));
  return out;
}

}  // namespace

std::string to_text(const Imported& made) {
  const Geometry& g = made.geometry;
  const Simulation& s = made.simulation;
  std::string out = fmt::format(
      "trace       {} ({}), {} requests in {}{}\n", made.workload.source, made.format->name,
      format_count(made.trace_requests), duration(made.trace_duration_ns),
      made.spread_ns > 0 ? fmt::format(", clock of {} spread", duration(made.spread_ns)) : "");
  if (made.full_blocks_only) out += kFullOnly;
  out += fmt::format("window      {} + {}\n", duration(made.window.begin_ns),
                     duration(made.window.duration_ns));
  out += fmt::format(
      "model       {}: {} per token, block of {} tokens = {} pages of {}, {} kept = {}\n",
      g.model.name, format_bytes(g.token_bytes), g.block_tokens, format_count(g.full_block_pages),
      format_bytes(g.page_bytes), g.block_pages, format_bytes(g.block_bytes));
  out += fmt::format(
      "memory      {} blocks = {} (stands for {})\n", format_count(made.memory_blocks),
      format_bytes(made.memory_blocks * g.block_bytes), unscaled(made.memory_blocks, g));
  out +=
      fmt::format("flash       {} blocks = {} (stands for {})\n\n", format_count(made.flash_slots),
                  format_bytes(made.flash_slots * g.block_bytes), unscaled(made.flash_slots, g));
  out += fmt::format("{:<12}{:>9}{:>10}{:>10}{:>10}{:>10}{:>10}\n", "prompts", "requests", "blocks",
                     "memory", "in flight", "flash", "computed");
  out += hits_line("warm-up", s.before);
  out += hits_line("window", s.window);
  out += fmt::format(
      "decode      {} tokens, {} new blocks\nprefill     {} requests waited for a worker, at most "
      "{}\n",
      format_count(s.decode_tokens), format_count(s.appended_blocks), format_count(s.prefill_waits),
      duration(s.longest_prefill_wait_ns));
  if (s.reads_given_up + s.writes_given_up > 0)
    out += fmt::format(
        "too small   {} prefetch reads and {} writes given up: their blocks were evicted first "
        "(larger --flash)\n",
        format_count(s.reads_given_up), format_count(s.writes_given_up));
  return out + "\n" + to_text(summarize(made.workload));
}

ordered_json to_json(const Imported& made) {
  const Geometry& g = made.geometry;
  const Simulation& s = made.simulation;
  return {
      {"schema", "kairo-trace-import"},
      {"version", 1},
      {"trace",
       {{"format", made.format->name},
        {"full_blocks_only", made.full_blocks_only},
        {"requests", made.trace_requests},
        {"duration_ns", made.trace_duration_ns},
        {"spread_ns", made.spread_ns}}},
      {"window", {{"begin_ns", made.window.begin_ns}, {"duration_ns", made.window.duration_ns}}},
      {"geometry",
       {{"model", g.model.name},
        {"token_bytes", g.token_bytes},
        {"block_tokens", g.block_tokens},
        {"page_bytes", g.page_bytes},
        {"block_bytes", g.block_bytes},
        {"scale", g.effective_scale()}}},
      {"memory_blocks", made.memory_blocks},
      {"flash_blocks", made.flash_slots},
      {"before", to_json(s.before)},
      {"hits", to_json(s.window)},
      {"decode_tokens", s.decode_tokens},
      {"appended_blocks", s.appended_blocks},
      {"prefill_waits", s.prefill_waits},
      {"longest_prefill_wait_ns", s.longest_prefill_wait_ns},
      {"reads_given_up", s.reads_given_up},
      {"writes_given_up", s.writes_given_up},
      {"workload", to_json(summarize(made.workload))}};
}

std::string to_text(const Reuse& reuse, const Geometry& geometry) {
  const auto bytes = [&](std::uint64_t blocks) { return bytes_of(blocks, geometry); };
  std::string out = fmt::format(
      "trace       {}, {} requests in {}{}{}\n", reuse.format->name, format_count(reuse.requests),
      duration(reuse.duration_ns),
      reuse.clock_tick_ns > 0 ? fmt::format(", clock of {}", duration(reuse.clock_tick_ns)) : "",
      reuse.generated ? ", GENERATED: not from a real system" : "");
  const auto mean = [&](std::uint64_t sum) {
    return static_cast<double>(sum) / static_cast<double>(reuse.requests);
  };
  out += fmt::format("input       mean {:.0f} tokens, p10/p50/p90/p99 {}\n",
                     mean(reuse.input_tokens), quantiles(reuse.inputs, count));
  out += fmt::format("output      mean {:.0f} tokens, p10/p50/p90/p99 {}\n",
                     mean(reuse.output_tokens), quantiles(reuse.outputs, count));
  out +=
      fmt::format("blocks      {} of {} tokens ({} each for {}), {:.1f} per request, at most {}\n",
                  format_count(reuse.blocks), geometry.block_tokens, bytes(1), geometry.model.name,
                  mean(reuse.blocks), reuse.longest_prompt);
  out += fmt::format("unique      {} = {}, {} of them used once, most used {} times\n",
                     format_count(reuse.unique), bytes(reuse.unique),
                     percent(reuse.used_once, reuse.unique), format_count(reuse.most_used));
  if (reuse.full_blocks_only) out += kFullOnly;
  if (reuse.conversations > 0)
    out += fmt::format(
        "chats       {}, {} requests are a later turn; time since the turn before p10/p50/p90/p99 "
        "{}\n",
        format_count(reuse.conversations), format_count(reuse.next_turns),
        quantiles(reuse.turn_gaps_ns, duration));
  out += fmt::format("hits        {} with a cache without limits\n",
                     percent(reuse.reused(), reuse.blocks));
  if (reuse.format->ids == BlockIds::kNone)
    return out + "reuse       n/a: the format does not tell which blocks are the same\n";
  return out + reuse_text(reuse) + size_tables(reuse, geometry);
}

ordered_json to_json(const Reuse& reuse, const Geometry& geometry) {
  ordered_json curve = ordered_json::array();
  for (const std::uint64_t size : curve_sizes(reuse))
    curve.push_back({{"blocks", size},
                     {"bytes", size * geometry.block_bytes},
                     {"hit_rate", ratio(reuse.hits(size), reuse.blocks)}});
  ordered_json needs = ordered_json::array();
  for (const FlashNeed& need : flash_needs(reuse))
    needs.push_back({{"memory_bytes", need.memory_blocks * geometry.block_bytes},
                     {"reuse_share_in_memory", ratio(need.memory_hits, reuse.reused())},
                     {"flash_bytes_for_50_percent", need.flash_for_half * geometry.block_bytes},
                     {"flash_bytes_for_90_percent", need.flash_for_most * geometry.block_bytes},
                     {"flash_bytes_for_all", need.flash_for_all * geometry.block_bytes}});
  const bool tells_reuse = reuse.format->ids != BlockIds::kNone;
  const auto known = [&](ordered_json value) {
    return tells_reuse ? std::move(value) : ordered_json(nullptr);
  };
  return {
      {"schema", "kairo-trace-inspect"},
      {"version", 1},
      {"kind", "trace"},
      {"format", reuse.format->name},
      {"full_blocks_only", reuse.full_blocks_only},
      {"generated", reuse.generated},
      {"requests", reuse.requests},
      {"duration_ns", reuse.duration_ns},
      {"clock_tick_ns", reuse.clock_tick_ns},
      {"input_tokens", reuse.input_tokens},
      {"output_tokens", reuse.output_tokens},
      {"input", quantiles_json(reuse.inputs)},
      {"output", quantiles_json(reuse.outputs)},
      {"model", geometry.model.name},
      {"block_bytes", geometry.block_bytes},
      {"blocks", reuse.blocks},
      {"unique", reuse.unique},
      {"hit_rate", known(ratio(reuse.reused(), reuse.blocks))},
      {"used_once_share", known(ratio(reuse.used_once, reuse.unique))},
      {"most_used", reuse.most_used},
      {"longest_prompt_blocks", reuse.longest_prompt},
      {"conversations", reuse.conversations > 0 ? ordered_json(reuse.conversations) : nullptr},
      {"later_turns", reuse.conversations > 0 ? ordered_json(reuse.next_turns) : nullptr},
      {"turn_gap_ns", quantiles_json(reuse.turn_gaps_ns)},
      {"reuse_gap_ns", quantiles_json(reuse.gaps_ns)},
      {"reuse_distance_blocks", quantiles_json(reuse.distances)},
      {"prefix", known({{"same_parent_share", ratio(reuse.same_parent, reuse.reused())},
                        {"known_leading_blocks", quantiles_json(reuse.shared_prefix)},
                        {"all_but_last_known_share", ratio(reuse.fully_shared, reuse.requests)}})},
      {"curve", known(std::move(curve))},
      {"flash_needs", known(std::move(needs))}};
}

}  // namespace kairo::trace
