// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/reports/result_folder.h"

#include "kairo/base/files.h"
#include "kairo/base/units.h"
#include "kairo/reports/run_data.h"

namespace kairo::reports {

namespace fs = std::filesystem;

fs::path run_directory(const fs::path& root, std::string_view load, std::string_view arm,
                       unsigned repeat) {
  return root / "runs" / load / arm / std::to_string(repeat);
}

bool run_is_finished(const fs::path& run_directory) {
  std::error_code status;
  return fs::is_regular_file(run_directory / "run.json", status);
}

base::Result<ResultFolder> read_result_folder(const fs::path& directory) {
  ResultFolder out;
  out.root = directory;
  const fs::path experiment_path = directory / "experiment.json";
  std::error_code status;
  if (!fs::exists(experiment_path, status))
    return base::bad_input(
        "{}: no experiment.json in it (not a result folder; make one with kairo "
        "experiment run)",
        directory.string());
  KAIRO_TRY(const auto text, base::read_file(experiment_path, 64ULL << 20));
  KAIRO_TRY(out.experiment, parse_experiment(text, experiment_path.string()));
  const auto dies_text = out.experiment.device.find("dies");
  const auto dies =
      dies_text == out.experiment.device.end() ? std::nullopt : base::parse_u64(dies_text->second);

  for (const Load& load : out.experiment.loads) {
    for (const Arm& arm : out.experiment.arms) {
      for (unsigned repeat = 1; repeat <= out.experiment.repeats_of(load); ++repeat) {
        const fs::path path = run_directory(directory, load.name, arm.name, repeat);
        if (!run_is_finished(path)) {
          out.missing.push_back(fmt::format("{}/{}/{}", load.name, arm.name, repeat));
          continue;
        }
        KAIRO_TRY(auto run, read_run(path));
        const RunRecord& record = run.record;
        if (record.load != load.name || record.arm != arm.name || record.repeat != repeat)
          return base::bad_input("{}: says {}/{}/{} (it was moved here; restore the folder)",
                                 (path / "run.json").string(), record.load, record.arm,
                                 record.repeat);
        if (!out.runs.empty() && out.runs.front().fio_version != run.fio_version)
          return base::bad_input(
              "{}: fio version: {}, but earlier runs have {} (compare runs of one fio only)",
              (path / "fio.json").string(), run.fio_version, out.runs.front().fio_version);
        run.dies = dies;
        out.runs.push_back(std::move(run));
      }
    }
  }
  KAIRO_TRY(out.cost, read_cost_profiles(directory));
  if (out.runs.empty())
    return base::bad_input("{}: no finished run in it (run the experiment first)",
                           (directory / "runs").string());
  return out;
}

}  // namespace kairo::reports
