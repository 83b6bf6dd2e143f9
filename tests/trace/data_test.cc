// SPDX-License-Identifier: GPL-2.0-only
// The published traces, when they lie beside the checkout in ../shared/data: their known
// statistics, and that the defaults of the import make a job that fits the reference drive.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <ctime>
#include <filesystem>

#include "kairo/test_support/skip.h"
#include "kairo/trace/import.h"
#include "kairo/trace/reuse.h"
#include "kairo/trace/summary.h"

namespace kairo::trace {
namespace {

const std::filesystem::path kData =
    std::filesystem::path(KAIRO_SOURCE_DIR).parent_path() / "shared/data";
const std::filesystem::path kConversation = kData / "mooncake_conversation.jsonl";
const std::filesystem::path kAzureCode = kData / "azure2023_code.csv";

constexpr std::uint64_t kSecond = 1'000'000'000;

class NeedsTraces : public testing::Environment {
 public:
  void SetUp() override {
    // Nothing here fetches them.
    if (!std::filesystem::exists(kConversation) || !std::filesystem::exists(kAzureCode))
      test_support::skip_program(
          fmt::format("{}no published traces in {}", test_support::kCannotBeHere, kData.string()));
  }
};

[[maybe_unused]] const auto* const kEnvironment =
    testing::AddGlobalTestEnvironment(new NeedsTraces);

double rounded(double value, double unit) {
  return std::round(value / unit) * unit;
}

TEST(Data, ConversationHasItsKnownStatistics) {
  auto reader = RequestReader::open(kConversation);
  ASSERT_TRUE(reader) << reader.error().message;
  const auto r = measure_reuse(std::move(*reader));
  ASSERT_TRUE(r) << r.error().message;
  EXPECT_EQ(r->requests, 12'031U);
  EXPECT_EQ(r->duration_ns / kSecond, 3536U);
  EXPECT_EQ(r->blocks, 288'500U);
  EXPECT_EQ(r->unique, 182'790U);
  EXPECT_EQ(r->most_used, 12'031U);
  EXPECT_EQ(r->longest_prompt, 247U);
  const auto percent = [](std::uint64_t part, std::uint64_t whole) {
    return rounded(100.0 * static_cast<double>(part) / static_cast<double>(whole), 0.1);
  };
  EXPECT_NEAR(percent(r->reused(), r->blocks), 36.6, 1e-9);
  EXPECT_NEAR(percent(r->used_once, r->unique), 75.8, 1e-9);
  EXPECT_EQ(r->input_tokens / r->requests, 12'035U);
  EXPECT_EQ(r->output_tokens / r->requests, 342U);  // mean 342.6
  EXPECT_EQ(quantile(r->inputs, 0.5), 6'909U);
  EXPECT_EQ(quantile(r->inputs, 0.9), 27'367U);
  EXPECT_EQ(quantile(r->inputs, 0.99), 85'401U);
  EXPECT_EQ(quantile(r->gaps_ns, 0.1), 0U);
  EXPECT_EQ(quantile(r->gaps_ns, 0.5) / kSecond, 113U);  // 113.999 s
  EXPECT_EQ(quantile(r->gaps_ns, 0.9) / kSecond, 519U);
  EXPECT_EQ(quantile(r->gaps_ns, 0.99) / kSecond, 1578U);
  EXPECT_EQ(r->same_parent, r->reused());
  EXPECT_EQ(r->clock_tick_ns, 3 * kSecond);
  EXPECT_FALSE(r->generated);
}

TEST(Data, AzureCodeHasItsKnownStatistics) {
  auto reader = RequestReader::open(kAzureCode);
  ASSERT_TRUE(reader) << reader.error().message;
  const auto r = measure_reuse(std::move(*reader));
  ASSERT_TRUE(r) << r.error().message;
  EXPECT_EQ(r->format->name, "azure");
  EXPECT_EQ(r->requests, 8'819U);
  EXPECT_EQ(r->input_tokens / r->requests, 2047U);  // mean 2048
  EXPECT_EQ(r->output_tokens / r->requests, 27U);   // mean 28
  EXPECT_EQ(quantile(r->inputs, 0.5), 1'469U);
  EXPECT_EQ(quantile(r->inputs, 0.99), 7'436U);
  EXPECT_EQ(r->reused(), 0U);
}

// With tiers without limits the simulation hits what an infinite cache hits.
TEST(Data, LargeTiersReachTheInfiniteCachesHitRate) {
  ImportOptions options;
  options.trace = kConversation;
  options.geometry.scale = 1.0 / 1024;
  options.device_bytes = 64ULL << 30;  // a million blocks of 64 KiB
  options.memory_bytes = 64ULL << 30;
  options.window = Window{3530 * kSecond, 60 * kSecond};
  const auto made = import_trace(options);
  ASSERT_TRUE(made) << made.error().message;
  const auto& a = made->simulation.before;
  const auto& b = made->simulation.window;
  EXPECT_EQ(a.requests + b.requests, 12'031U);
  EXPECT_EQ(a.blocks + b.blocks, 288'500U);
  EXPECT_EQ(a.computed + b.computed, 182'790U);
  EXPECT_EQ(a.flash + b.flash, 0U);
}

TEST(Data, DefaultsMakeAJobThatFitsTheReferenceDrive) {
  ImportOptions options;
  options.trace = kConversation;
  const std::clock_t start = std::clock();
  const auto made = import_trace(options);
  const double cpu_seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  ASSERT_TRUE(made) << made.error().message;
#if defined(NDEBUG) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  EXPECT_LT(cpu_seconds, 2);  // 0.4 on the lab machine when it is idle
#else
  (void)cpu_seconds;
#endif
  const Summary s = summarize(made->workload);
  EXPECT_EQ(s.duration_ns, 2 * kSecond);
  EXPECT_FALSE(s.sample);
  const auto per_second = [&](hint::Class cls, std::uint64_t ClassSummary::*field) {
    return static_cast<double>(s.classes[hint::index(cls)].*field) / 2;
  };
  // 8 dies x 64 KiB / 300 us = 1.75 GB/s: 40 to 90 % on average, more in bursts.
  const double prefill = per_second(hint::Class::kPrefill, &ClassSummary::bytes);
  EXPECT_GT(prefill, 0.4 * 1.6e9);
  EXPECT_LT(prefill, 0.9 * 1.6e9);
  const auto peak = s.classes[hint::index(hint::Class::kPrefill)].peak_bytes * 10;
  EXPECT_GT(peak, 1'600'000'000U);
  const double decode = per_second(hint::Class::kDecode, &ClassSummary::records);
  EXPECT_GT(decode, 1000);
  EXPECT_LT(decode, 4000);
  EXPECT_GT(per_second(hint::Class::kPrefetch, &ClassSummary::records), 500);
  // The guest's CPU takes about 16,000 requests of at most 128 KiB a second.
  std::uint64_t split = 0;
  for (const auto& r : made->workload.records)
    split += r.cls == hint::Class::kEvict ? 1 : (r.length + 131'071) / 131'072;
  EXPECT_LT(split / 2, 16'000U);
  EXPECT_EQ(made->simulation.reads_given_up + made->simulation.writes_given_up, 0U);
}

TEST(Data, AzureImports) {
  ImportOptions options;
  options.trace = kAzureCode;
  const auto made = import_trace(options);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->simulation.window.computed, made->simulation.window.blocks);
  EXPECT_GT(made->workload.records.size(), 100U);
}

}  // namespace
}  // namespace kairo::trace
