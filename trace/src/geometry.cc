// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/trace/geometry.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "kairo/base/short_names.h"
#include "kairo/base/units.h"

namespace kairo::trace {
namespace {

constexpr std::uint64_t kGrain = 4096;
constexpr std::uint64_t kMaxPage = 1ULL << 20;        // the format's longest read
constexpr std::uint64_t kMaxBlock = 1ULL << 30;       // the format's longest discard
constexpr std::uint64_t kMaxTokenBytes = 1ULL << 26;  // 64 MiB per token: 60 times Llama-2-70B MHA

constexpr std::uint64_t heads(std::uint64_t kv_heads, std::uint64_t head_dim) {
  return kv_heads * head_dim * 2 * 2;
}

constexpr std::uint64_t latent(std::uint64_t width) {
  return width * 2;
}

// From the models' config.json files: num_hidden_layers, num_key_value_heads, head_dim; latent
// ones kv_lora_rank + qk_rope_head_dim (+ index). gpt-oss is an upper bound: half of its layers
// keep a sliding window only.
constexpr std::array kModels = {
    Model{"llama-3-8b", 32, 8, heads(8, 128)},    Model{"llama-3-70b", 80, 8, heads(8, 128)},
    Model{"llama-3-405b", 126, 8, heads(8, 128)}, Model{"llama-2-7b", 32, 32, heads(32, 128)},
    Model{"mistral-7b", 32, 8, heads(8, 128)},    Model{"qwen3-8b", 36, 8, heads(8, 128)},
    Model{"qwen3-32b", 64, 8, heads(8, 128)},     Model{"qwen3-235b", 94, 4, heads(4, 128)},
    Model{"gpt-oss-120b", 36, 8, heads(8, 64)},   Model{"deepseek-v3", 61, 0, latent(576)},
    Model{"kimi-k2", 61, 0, latent(576)},         Model{"glm-5", 78, 0, latent(704)},
};

std::uint64_t divide_up(std::uint64_t value, std::uint64_t by) {
  return (value + by - 1) / by;
}

}  // namespace

std::span<const Model> models() {
  return kModels;
}

Result<Model> find_model(std::string_view name) {
  const auto found = std::find_if(kModels.begin(), kModels.end(),
                                  [&](const Model& model) { return model.name == name; });
  if (found != kModels.end()) return *found;
  std::string known;
  for (const Model& model : kModels)
    known += std::string(known.empty() ? "" : ", ").append(model.name);
  return fail(ErrorCode::kUsage,
              "--model: unknown model \"{}\" (known: {}; for another one give --bytes-per-token)",
              name, known);
}

Result<Geometry> make_geometry(const GeometryOptions& options) {
  KAIRO_TRY(auto model, find_model(options.model));
  if (options.bytes_per_token) {
    if (*options.bytes_per_token == 0 || *options.bytes_per_token > kMaxTokenBytes)
      return fail(ErrorCode::kUsage, "--bytes-per-token: {} is outside 1 .. {}",
                  *options.bytes_per_token, kMaxTokenBytes);
    model.layer_token_bytes = divide_up(*options.bytes_per_token, model.layers);
  }
  if (options.tensor_parallel < 1 || options.tensor_parallel > 1024)
    return fail(ErrorCode::kUsage, "--tp: {} is outside 1 .. 1024", options.tensor_parallel);
  if (options.block_tokens < 1 || options.block_tokens > 65536)
    return fail(ErrorCode::kUsage, "--block-tokens: {} is outside 1 .. 65536",
                options.block_tokens);
  if (options.page_tokens < 1 || options.block_tokens % options.page_tokens != 0)
    return fail(ErrorCode::kUsage, "--page-tokens: {} does not divide the {} tokens of a block",
                options.page_tokens, options.block_tokens);
  if (!(options.scale > 0) || options.scale > 1)
    return fail(ErrorCode::kUsage, "--scale: {} is outside (0, 1]", options.scale);

  Geometry geometry;
  geometry.model = model;
  geometry.block_tokens = options.block_tokens;
  std::uint64_t layer_token = model.layer_token_bytes;
  if (model.kv_heads != 0) {
    const std::uint64_t ranks = std::min(options.tensor_parallel, model.kv_heads);
    layer_token = divide_up(layer_token, ranks);
  }
  geometry.token_bytes = layer_token * model.layers;
  geometry.page_bytes = divide_up(layer_token * options.page_tokens, kGrain) * kGrain;
  if (geometry.page_bytes > kMaxPage)
    return fail(ErrorCode::kUsage,
                "a page of {} tokens x one layer has {}, more than 1 MiB (give a smaller "
                "--page-tokens)",
                options.page_tokens, base::format_bytes(geometry.page_bytes));
  geometry.full_block_pages =
      std::uint64_t{model.layers} * (options.block_tokens / options.page_tokens);
  geometry.block_pages = std::max<std::uint64_t>(
      1, static_cast<std::uint64_t>(
             std::llround(static_cast<double>(geometry.full_block_pages) * options.scale)));
  geometry.block_bytes = geometry.block_pages * geometry.page_bytes;
  if (geometry.block_bytes > kMaxBlock)
    return fail(ErrorCode::kUsage,
                "a block of {} tokens has {}, more than the 1 GiB one discard may cover (give a "
                "smaller --scale)",
                options.block_tokens, base::format_bytes(geometry.block_bytes));
  return geometry;
}

}  // namespace kairo::trace
