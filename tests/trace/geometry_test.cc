// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/trace/geometry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <map>
#include <string>

namespace kairo::trace {
namespace {

using testing::HasSubstr;

constexpr std::uint64_t kKiB = 1024;
constexpr std::uint64_t kMiB = 1024 * kKiB;

// Layers x 2 x KV heads x head dim x 2 bytes, worked out by hand from the models' config files.
TEST(Geometry, BytesPerTokenOfEveryModel) {
  const std::map<std::string_view, std::uint64_t> expected = {
      {"llama-3-8b", 131'072}, {"llama-3-70b", 327'680}, {"llama-3-405b", 516'096},
      {"llama-2-7b", 524'288}, {"mistral-7b", 131'072},  {"qwen3-8b", 147'456},
      {"qwen3-32b", 262'144},  {"qwen3-235b", 192'512},  {"gpt-oss-120b", 73'728},
      {"deepseek-v3", 70'272}, {"kimi-k2", 70'272},      {"glm-5", 109'824}};
  EXPECT_EQ(models().size(), expected.size());
  for (const Model& model : models()) {
    ASSERT_TRUE(expected.contains(model.name)) << model.name;
    EXPECT_EQ(model.token_bytes(), expected.at(model.name)) << model.name;
  }
}

TEST(Geometry, LlamaBlockIs64MiBOf64KiBPages) {
  const auto g = make_geometry({});
  ASSERT_TRUE(g);
  EXPECT_EQ(g->page_bytes, 64 * kKiB);
  EXPECT_EQ(g->full_block_pages, 1024U);
  EXPECT_EQ(g->block_bytes, 64 * kMiB);
  EXPECT_EQ(g->effective_scale(), 1.0);
}

TEST(Geometry, ScaleKeepsPageSizeAndAtLeastOnePage) {
  const auto lab = make_geometry({.scale = 1.0 / 32});
  ASSERT_TRUE(lab);
  EXPECT_EQ(lab->page_bytes, 64 * kKiB);
  EXPECT_EQ(lab->block_pages, 32U);
  EXPECT_EQ(lab->block_bytes, 2 * kMiB);
  const auto tiny = make_geometry({.scale = 1e-9});
  ASSERT_TRUE(tiny);
  EXPECT_EQ(tiny->block_pages, 1U);
  EXPECT_EQ(tiny->effective_scale(), 1.0 / 1024);
}

TEST(Geometry, PagesAreRoundedUpToTheGrain) {
  const auto g = make_geometry({.model = "deepseek-v3"});  // 16 x 1152 = 18432 bytes
  ASSERT_TRUE(g);
  EXPECT_EQ(g->page_bytes, 20'480U);
  EXPECT_EQ(g->token_bytes, 70'272U);
}

TEST(Geometry, TensorParallelDividesHeadsButNotLatents) {
  const auto four = make_geometry({.tensor_parallel = 4});
  ASSERT_TRUE(four);
  EXPECT_EQ(four->page_bytes, 16 * kKiB);
  const auto many = make_geometry({.tensor_parallel = 16});  // 8 heads: a rank keeps one
  ASSERT_TRUE(many);
  EXPECT_EQ(many->page_bytes, 8 * kKiB);
  const auto latent = make_geometry({.model = "deepseek-v3", .tensor_parallel = 8});
  ASSERT_TRUE(latent);
  EXPECT_EQ(latent->page_bytes, 20'480U);
}

TEST(Geometry, BytesPerTokenReplaceTheModels) {
  const auto g = make_geometry({.bytes_per_token = 65'536});  // fp8
  ASSERT_TRUE(g);
  EXPECT_EQ(g->page_bytes, 32 * kKiB);
  EXPECT_EQ(g->block_bytes, 32 * kMiB);
}

TEST(Geometry, RefusesWhatMakesNoSense) {
  struct Case {
    GeometryOptions options;
    const char* message;
  };
  const Case cases[] = {
      {{.model = "gpt-2"}, "unknown model \"gpt-2\" (known: llama-3-8b"},
      {{.bytes_per_token = 0}, "--bytes-per-token: 0"},
      {{.bytes_per_token = std::numeric_limits<std::uint64_t>::max()}, "--bytes-per-token"},
      {{.bytes_per_token = 1ULL << 26}, "--page-tokens"},
      {{.tensor_parallel = 0}, "--tp: 0"},
      {{.block_tokens = 0}, "--block-tokens: 0"},
      {{.page_tokens = 0}, "--page-tokens: 0"},
      {{.page_tokens = 100}, "--page-tokens: 100 does not divide"},
      {{.scale = 0}, "--scale: 0"},
      {{.scale = 1.5}, "--scale: 1.5"},
      {{.scale = std::numeric_limits<double>::quiet_NaN()}, "--scale: nan"},
      {{.block_tokens = 65536}, "1 GiB"},
  };
  for (const Case& c : cases) {
    const auto g = make_geometry(c.options);
    ASSERT_FALSE(g) << c.message;
    EXPECT_EQ(g.error().code, base::ErrorCode::kUsage);
    EXPECT_THAT(g.error().message, HasSubstr(c.message));
  }
}

}  // namespace
}  // namespace kairo::trace
