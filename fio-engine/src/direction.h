// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <array>
#include <cstddef>

#include "kairo/hint.hpp"

namespace kairo::engine {

// What an I/O does, in fio's order. An index.
enum Direction : std::size_t { kRead, kWrite, kTrim };

inline constexpr std::size_t kDirections = 3;
template <class T>
using PerDirection = std::array<T, kDirections>;

inline constexpr PerDirection<hint::Op> kOps = {hint::Op::kRead, hint::Op::kWrite,
                                                hint::Op::kDiscard};

}  // namespace kairo::engine
