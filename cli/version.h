// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>

namespace kairo {

// What `kairo --version` prints: the version, the commit the program was built from when there was
// a git tree, the patch series and the fio engine that it finds.
std::string version_text();

}  // namespace kairo
