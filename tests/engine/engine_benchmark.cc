// SPDX-License-Identifier: GPL-2.0-only
// What the pure parts of the engine cost, per I/O or record: run it, it is no test.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <string>

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

}  // namespace
}  // namespace kairo::engine
