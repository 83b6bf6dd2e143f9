// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>
#include <string>

#include "draw.h"

namespace kairo::mutants {

// The line of C that behaves as before, and as after when KAIRO_MUTANT(number) is true. A
// condition, a value that is returned or assigned, and a statement can be switched, each complete
// on its line; empty for all others.
std::optional<std::string> switch_form(const Mutation& mutation, unsigned number);

}  // namespace kairo::mutants
