// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "kairo/base/result.h"
#include "kairo/reports/result_folder.h"

namespace kairo::experiments {

// kairo-sampler, which loads that sample files need: in the build tree or where it was installed.
// Refused, with the build command, when it is in neither.
base::Result<std::filesystem::path> find_sampler();

// What the host knows of a virtual-time campaign: tool version with a dirty mark, hash of the
// engine, QEMU's version, and of each kernel image (by reports::Arm::kernel, which is the end of
// its keys) series, config and hash. Missing facts are absent.
reports::TextMap host_environment(const std::map<std::string, std::filesystem::path>& kernel_images,
                                  const std::filesystem::path& engine);

}  // namespace kairo::experiments
