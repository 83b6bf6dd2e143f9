// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <filesystem>

#include "kairo/base/result.h"

// The short names of what nearly every source returns. For sources, not for headers: those say
// whose it is.
namespace kairo {

namespace fs = std::filesystem;
using base::bad_input;
using base::ErrorCode;
using base::fail;
using base::Result;
using base::Status;

}  // namespace kairo
