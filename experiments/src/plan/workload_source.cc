// SPDX-License-Identifier: GPL-2.0-only
#include "plan/workload_source.h"

#include <algorithm>
#include <fstream>

#include "kairo/base/files.h"
#include "kairo/base/owned_folder.h"
#include "kairo/base/sha256.h"
#include "kairo/base/short_names.h"
#include "kairo/base/units.h"
#include "kairo/trace/import.h"
#include "plan/workload_gaps.h"

namespace kairo::experiments {
namespace {

constexpr std::string_view kWorkloadMark = "# kairo-workload";

// What the importer's defaults were chosen for: 8 dies that program 64 KiB in 300 us.
constexpr double kReferenceProgramBytesPerUs = 8 * 64 * 1024 / 300.0;

double program_bytes_per_us(const DeviceProfile& profile) {
  return static_cast<double>(profile.dies * profile.page_kib * 1024) /
         static_cast<double>(profile.program_us);
}

bool is_workload(const fs::path& file) {
  std::ifstream in(file);
  std::string line;
  std::getline(in, line);
  return line.starts_with(kWorkloadMark);
}

// The import for a drive of this profile: the sample of pages that is kept follows what the drive
// can program, so that one trace loads any profile alike.
trace::ImportOptions options_for(const fs::path& source, const DeviceProfile& profile) {
  trace::ImportOptions out;
  out.trace = source;
  out.device_bytes = profile.size_gib << 30;
  const double relative = program_bytes_per_us(profile) / kReferenceProgramBytesPerUs;
  out.geometry.scale = std::min(1.0, out.geometry.scale * relative);
  return out;
}

// The workload of a result that is there stays the one it was made with.
base::Status keep_workload(const std::string& text, const fs::path& source, const fs::path& out_dir,
                           const fs::path& name) {
  std::error_code status;
  if (fs::exists(out_dir / "experiment.json", status)) {
    const auto before = base::read_file(out_dir / name);
    if (before && *before != text)
      return base::bad_input(
          "{}: {} would make another workload than this result has (choose another --out, or "
          "replace the result with --fresh)",
          (out_dir / name).string(), source.string());
  }
  const auto folder = base::OwnedFolder::claim(out_dir);
  return folder ? folder->write(name, text, {source}) : base::Status(base::fail(folder.error()));
}

}  // namespace

Result<LoadedWorkload> load_workload(const fs::path& source, const DeviceProfile& profile) {
  LoadedWorkload out;
  if (is_workload(source)) {
    KAIRO_TRY(out.workload, engine::read_workload(source));
  } else {
    KAIRO_TRY(auto made, trace::import_trace(options_for(source, profile)));
    out.workload = std::move(made.workload);
    out.header = std::move(made.header);
    out.imported = true;
  }
  const std::uint64_t device_bytes = profile.size_gib << 30;
  if (out.workload.device_bytes > device_bytes)
    return base::bad_input(
        "{}: needs a device of {}, the profile {} has {} (import it for this one)", source.string(),
        base::format_bytes(out.workload.device_bytes), profile.name,
        base::format_bytes(device_bytes));
  return out;
}

Result<Campaign::Workload> make_workload(const fs::path& source, const DeviceProfile& profile,
                                         const fs::path& out_dir, const fs::path& name) {
  KAIRO_TRY(const auto source_hash, base::sha256_file(source));
  KAIRO_TRY(const auto loaded, load_workload(source, profile));
  Campaign::Workload workload;
  workload.file = source;
  if (loaded.imported) {
    KAIRO_CHECK(keep_workload(trace::format_workload(loaded.workload, loaded.header), source,
                              out_dir, name));
    workload.file = out_dir / name;
    workload.facts.insert(loaded.header.begin(), loaded.header.end());
  }
  workload.sample = loaded.workload.sample;
  workload.ios = count_classes(loaded.workload);
  workload.duration_ns = loaded.workload.duration_ns;
  workload.facts["source"] = source.filename().string();
  workload.facts["source_sha256"] = source_hash;
  workload.facts["records"] = std::to_string(loaded.workload.records.size());
  workload.facts["duration_ns"] = std::to_string(loaded.workload.duration_ns);
  return workload;
}

}  // namespace kairo::experiments
