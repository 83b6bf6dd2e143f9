// SPDX-License-Identifier: GPL-2.0-only
// What the pure parts of the engine cost, per I/O or record: by hand for the figures, shortly as a
// test that they can still be had.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <string>

#include "chooser.h"
#include "kairo/engine/workload.h"
#include "pacer.h"

namespace kairo::engine {
namespace {

std::string workload_text(std::size_t records) {
  std::string text = fmt::format(
      "# kairo-workload 1\n# device_bytes=17179869184\n# records={}\n# duration_ns={}\n# source=b\n"
      "# sample=true\ntime_ns,class,offset,length,session\n",
      records, records * 1000);
  for (std::size_t i = 0; i < records; ++i)
    text += fmt::format("{},{},{},65536,{}\n", i * 1000, i % 8 ? "decode" : "prefill",
                        i * 7919 % 200000 * 65536, i / 64);
  return text + fmt::format("# end records={}\n", records);
}

void decode_workload(benchmark::State& state) {
  const std::string text = workload_text(static_cast<std::size_t>(state.range(0)));
  for (auto step : state) {
    auto workload = parse_workload(text, "benchmark");
    if (!workload) state.SkipWithError(workload.error().message.c_str());
    benchmark::DoNotOptimize(workload);
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}
BENCHMARK(decode_workload)->Arg(10'000);

void draw_arrival(benchmark::State& state) {
  PoissonArrivals arrivals(1000, 1);
  for (auto step : state) benchmark::DoNotOptimize(arrivals.next());
}
BENCHMARK(draw_arrival);

void choose_by_split(benchmark::State& state) {
  Chooser chooser(parse_split("decode/60:prefetch/30").value(), kDefaultClasses, 1);
  for (auto step : state) benchmark::DoNotOptimize(chooser.choose(0, 0, 0, 65536));
}
BENCHMARK(choose_by_split);

void choose_by_size(benchmark::State& state) {
  Chooser chooser(parse_bssplit("64k/decode:128k/prefetch:1m/normal").value(), kDefaultClasses, 1);
  for (auto step : state) benchmark::DoNotOptimize(chooser.choose(0, 0, 0, 131072));
}
BENCHMARK(choose_by_size);

void choose_by_map(benchmark::State& state) {
  std::string text;
  for (std::int64_t i = 0; i < state.range(0); ++i)
    text += fmt::format("{},{},{}\n", i * 65536, (i + 1) * 65536, i % 2 ? "decode" : "prefetch");
  auto map = parse_hint_map(text, "benchmark").value();
  if (!map.bind({"file"})) state.SkipWithError("bind");
  Chooser chooser(map, kDefaultClasses);
  const auto bytes = static_cast<std::uint64_t>(state.range(0)) * 65536;
  std::uint64_t offset = 0;
  for (auto step : state) {
    offset = (offset + 7919 * 4096) % bytes;
    benchmark::DoNotOptimize(chooser.choose(0, 0, offset, 4096));
  }
}
BENCHMARK(choose_by_map)->Arg(16)->Arg(100'000);

}  // namespace
}  // namespace kairo::engine
