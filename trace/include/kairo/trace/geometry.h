// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "kairo/base/result.h"

// How many bytes the KV cache of a model has, and which pieces of it an I/O moves.
namespace kairo::trace {

// KV geometry of a model, 16-bit elements. Per token and layer: kv_heads x head_dim x 2 (K and V) x
// 2 bytes, or (rank + rope) x 2 bytes for models with latent attention (MLA).
struct Model {
  std::string_view name;
  std::uint32_t layers = 0;
  std::uint32_t kv_heads = 0;  // 0: latent attention, the cache is not split over heads
  std::uint64_t layer_token_bytes = 0;

  [[nodiscard]] std::uint64_t token_bytes() const { return layers * layer_token_bytes; }
};

// All models that --model knows.
std::span<const Model> models();

// By name; an unknown one is refused with the list of known ones.
base::Result<Model> find_model(std::string_view name);

struct GeometryOptions {
  std::string_view model = "llama-3-8b";
  std::optional<std::uint64_t> bytes_per_token = {};  // replaces the model's, its layers stay
  std::uint32_t tensor_parallel = 1;                  // this drive serves one of so many ranks
  std::uint32_t block_tokens = 512;                   // tokens per hash id of the trace
  std::uint32_t page_tokens = 16;                     // tokens of one layer read together by decode
  double scale = 1.0;  // share of a block's pages that is kept, (0, 1]
};

// What is stored per block on the lab drive. A page is one layer x page_tokens tokens, rounded up
// to 4096 bytes; a block has layers x block_tokens / page_tokens of them. Scaling keeps a sample of
// the pages of each block and leaves their size: I/O sizes stay real, their number shrinks.
struct Geometry {
  Model model;
  std::uint32_t block_tokens = 0;
  std::uint64_t token_bytes = 0;       // per token on this rank, before scaling and rounding
  std::uint64_t page_bytes = 0;        // multiple of 4096, at most 1 MiB
  std::uint64_t full_block_pages = 0;  // before scaling
  std::uint64_t block_pages = 0;       // after scaling, at least 1
  std::uint64_t block_bytes = 0;       // block_pages x page_bytes, at most 1 GiB

  // The share of pages that is really kept, after rounding.
  [[nodiscard]] double effective_scale() const {
    return static_cast<double>(block_pages) / static_cast<double>(full_block_pages);
  }
};

// With tensor parallelism the KV heads are divided over the ranks (a rank keeps at least one;
// latent caches are copied to every rank, not divided). Refuses values out of range and pages above
// 1 MiB.
base::Result<Geometry> make_geometry(const GeometryOptions& options);

}  // namespace kairo::trace
