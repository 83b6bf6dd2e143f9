// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/kernel/step_log.h"

#include <fmt/chrono.h>

#include <algorithm>
#include <ctime>
#include <nlohmann/json.hpp>

#include "kairo/base/files.h"
#include "kairo/base/short_names.h"
#include "kairo/base/text.h"
#include "kairo/kernel/build.h"
#include "kairo/kernel/paths.h"

namespace kairo::kernel {

using Json = nlohmann::json;

namespace {

// `VERSION = 6`, `PATCHLEVEL = 12`, `SUBLEVEL = 117` of the kernel's Makefile.
Result<std::string> base_version(const fs::path& tree) {
  KAIRO_TRY(const auto text, base::read_file(tree / "Makefile", 1 << 20));
  std::string out;
  for (const std::string_view key : {"VERSION = ", "PATCHLEVEL = ", "SUBLEVEL = "})
    for (const std::string_view line : base::split_lines(text))
      if (line.starts_with(key)) {
        out += fmt::format("{}{}", out.empty() ? "" : ".", base::trim(line.substr(key.size())));
        break;
      }
  return out;
}

Result<Step> read_step(const fs::path& path) {
  KAIRO_TRY(const auto text, base::read_file(path, 1 << 20));
  const Json json = Json::parse(text, nullptr, false);
  const auto text_of = [&](const char* key) {
    return json.is_object() && json.contains(key) && json[key].is_string()
               ? json[key].get<std::string>()
               : std::string();
  };
  Step out{text_of("name"),     text_of("command"), text_of("base"), text_of("series"), 0, 0,
           text_of("finished"), text_of("note")};
  if (text_of("schema") != "kairo-kernel-step" || out.name.empty() || out.finished.size() < 10 ||
      !json.contains("exit_status") || !json["exit_status"].is_number_integer() ||
      !json.contains("seconds") || !json["seconds"].is_number_unsigned())
    return base::bad_input("{}: not a step of this project (remove it)", path.string());
  out.exit_status = json["exit_status"].get<int>();
  out.seconds = json["seconds"].get<std::uint64_t>();
  return out;
}

}  // namespace

fs::path steps_dir() {
  return base::cache_dir() / std::string(kBaseLine) / "steps";
}

Status leave_step(Step step, std::chrono::steady_clock::time_point begin) {
  KAIRO_TRY(const auto version, base_version(cache_paths(base::cache_dir()).main.src));
  const auto spent = std::chrono::steady_clock::now() - begin;
  const Json json = {
      {"schema", "kairo-kernel-step"},
      {"name", step.name},
      {"command", step.command},
      {"base", version},
      {"series", step.series},
      {"exit_status", step.exit_status},
      {"seconds", std::chrono::duration_cast<std::chrono::seconds>(spent).count()},
      {"finished", fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)))},
      {"note", step.note}};
  std::string file = step.name;
  std::replace(file.begin(), file.end(), '/', '-');
  return base::write_below(steps_dir(), file + ".json", json.dump(1) + "\n");
}

Status leave_image_step(Step step, const fs::path& image,
                        std::chrono::steady_clock::time_point begin) {
  const auto id = image_build_id(image);
  if (!id) return {};
  step.series = id->series;
  return leave_step(std::move(step), begin);
}

Result<std::vector<Step>> read_steps(const fs::path& directory) {
  std::vector<fs::path> files;
  std::error_code status;
  for (const auto& entry : fs::directory_iterator(directory, status))
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  std::vector<Step> out;
  for (const fs::path& file : files) {
    KAIRO_TRY(auto step, read_step(file));
    out.push_back(std::move(step));
  }
  return out;
}

}  // namespace kairo::kernel
