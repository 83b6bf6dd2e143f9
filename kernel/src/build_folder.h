// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "kairo/base/result.h"
#include "kairo/kernel/build.h"

namespace kairo::kernel {

// Where things are in a build folder, of whatever kernel.
inline constexpr std::string_view kImagePath = "arch/x86/boot/bzImage";
inline constexpr std::string_view kIdFile = "kairo-build-id";
inline constexpr std::string_view kLogFile = "kairo-build.log";

// The build folder that an image is in.
std::filesystem::path build_of_image(const std::filesystem::path& image);

// Whether the image that `result` names is there, of the id that it names.
bool is_built(const BuildResult& result);

// Says that the build is complete; taken away while it is being changed.
base::Status write_build_id(const std::filesystem::path& build, const BuildId& id);

// Twelve digits of the files' contents.
base::Result<std::string> hash_files(const std::vector<std::filesystem::path>& files);

}  // namespace kairo::kernel
