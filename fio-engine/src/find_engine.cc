// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/engine/find_engine.h"

#include "kairo/base/files.h"

namespace kairo::engine {

base::Result<std::filesystem::path> find_engine() {
  return base::find_beside_program(
      {"../fio-engine/kairo.so", "../lib/fio/kairo.so", "../lib/x86_64-linux-gnu/fio/kairo.so"},
      "kairo_engine");
}

}  // namespace kairo::engine
