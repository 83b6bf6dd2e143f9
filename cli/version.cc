// SPDX-License-Identifier: GPL-2.0-only
#include "version.h"

#include <fmt/format.h>

#include "kairo/engine/find_engine.h"
#include "kairo/kernel/paths.h"
#include "kairo/kernel/series.h"
#include "kairo_commit.h"

namespace kairo {

std::string version_text() {
  std::string out = fmt::format("kairo {}\n", KAIRO_VERSION);
  constexpr std::string_view kCommit = KAIRO_COMMIT;
  out += fmt::format("commit {}\n", kCommit.empty() ? "n/a (not built from a git tree)" : kCommit);
  const auto series = kernel::load_series(kernel::series_dir());
  if (series)
    out += fmt::format("series {}: {} patches for Linux {}", series->id(), series->patches.size(),
                       kernel::kBaseLine);
  else
    out += fmt::format("series n/a: {}", series.error().message);
  const auto engine = engine::find_engine();
  out +=
      fmt::format("\nfio engine {}", engine ? engine->string() : "n/a: " + engine.error().message);
  return out;
}

}  // namespace kairo
