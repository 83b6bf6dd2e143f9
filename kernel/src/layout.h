// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "kairo/base/result.h"

namespace kairo::kernel {

// What a module that uses the block layer's private structures has to agree on with its kernel.
inline constexpr const char* kSharedStructures[] = {"elevator_type", "elevator_mq_ops", "request",
                                                    "request_queue", "blk_mq_alloc_data"};

// pahole's description of a structure, without what it says of a type's alignment, which DWARF has
// and BTF has not, and with one blank between words.
std::string plain_layout(std::string_view text);

// Refuses (kInput, by name and member) an object file with debugging information whose
// `structure` is laid out otherwise than that of a kernel with BTF, and one that either lacks.
base::Status same_layout(const std::filesystem::path& kernel, const std::filesystem::path& object,
                         const std::string& structure);

}  // namespace kairo::kernel
