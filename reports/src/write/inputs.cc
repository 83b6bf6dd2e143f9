// SPDX-License-Identifier: GPL-2.0-only
// inputs.sha256 and env.json: what a report was made from and where its figures were measured.
#include <algorithm>

#include "kairo/base/files.h"
#include "kairo/base/owned_folder.h"
#include "kairo/base/sha256.h"
#include "kairo/reports/report.h"
#include "read/json_reader.h"

namespace kairo::reports {

namespace fs = std::filesystem;

base::Result<std::string> inputs_sha256(const std::vector<fs::path>& folders, const fs::path& out) {
  std::vector<std::pair<std::string, fs::path>> files;
  for (const fs::path& folder : folders)
    for (const char* const part : {"experiment.json", "runs", "cost"}) {
      const fs::path path = folder / part;
      const auto keep = [&](const fs::path& file) {
        files.emplace_back(fs::absolute(file).lexically_proximate(fs::absolute(out)).string(),
                           file);
      };
      std::error_code status;
      if (fs::is_regular_file(path, status)) keep(path);
      if (!fs::is_directory(path, status)) continue;
      for (const auto& entry : fs::recursive_directory_iterator(path, status))
        if (entry.is_regular_file(status) &&
            entry.path().filename() != base::OwnedFolder::kManifest)
          keep(entry.path());
    }
  std::sort(files.begin(), files.end());
  std::string text;
  for (const auto& [name, file] : files) {
    KAIRO_TRY(const auto hash, base::sha256_file(file));
    text += fmt::format("{}  {}\n", hash, name);
  }
  return text;
}

std::string to_env_json(const Report& report) {
  Json arms = Json::object();
  for (const LoadReport& load : report.loads)
    for (const ArmSummary& arm : load.arms)
      arms[arm.arm.name][load.load.name] = {{"scheduler", arm.arm.scheduler},
                                            {"asked", settings_of(arm.arm)},
                                            {"found", arm.tunables},
                                            {"kernel", kernel_release(arm)},
                                            {"hint_paths", arm.hint_paths}};
  const Json document = {{"schema", "kairo-env"},
                         {"version", 1},
                         {"environment", report.environment},
                         {"fio", report.fio_version},
                         {"device", {{"name", report.device_name}, {"parameters", report.device}}},
                         {"arms", arms},
                         {"command", report.command}};
  return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace kairo::reports
