// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "kairo/trace/geometry.h"
#include "kairo/trace/import.h"
#include "kairo/trace/reuse.h"

// What `kairo trace` prints, for people and as JSON. A figure that cannot be known is "n/a" or
// null.
namespace kairo::trace {

// schema "kairo-trace-import", version 1.
std::string to_text(const Imported& made);
nlohmann::ordered_json to_json(const Imported& made);

// schema "kairo-trace-inspect", version 1. `geometry` turns blocks into bytes (give it unscaled to
// read the trace's own sizes).
std::string to_text(const Reuse& reuse, const Geometry& geometry);
nlohmann::ordered_json to_json(const Reuse& reuse, const Geometry& geometry);

}  // namespace kairo::trace
