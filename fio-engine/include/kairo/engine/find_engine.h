// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <filesystem>

#include "kairo/base/result.h"

namespace kairo::engine {

// kairo.so beside this program: in the build tree or where it was installed. Refused, with the
// build command, when it is in neither.
base::Result<std::filesystem::path> find_engine();

}  // namespace kairo::engine
