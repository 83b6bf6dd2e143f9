// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/inspect/cli.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "kairo/base/files.h"
#include "kairo/inspect/device.h"
#include "kairo/inspect/snapshot.h"

namespace kairo {
namespace {

namespace fs = std::filesystem;

struct CountersOptions {
  std::string device;
  fs::path since;
  fs::path root = "/";
  bool json = false;
};

std::string names_json() {
  nlohmann::ordered_json out = nlohmann::ordered_json::array();
  for (const inspect::KnownName& known : inspect::known_names())
    out.push_back({{"source", known.source},
                   {"name", known.name},
                   {"kind", inspect::kind_name(known.kind)},
                   {"unit", known.unit},
                   {"meaning", known.meaning}});
  return out.dump(2) + '\n';
}

std::string names_text(const fs::path& root) {
  std::string out;
  std::error_code status;
  const bool events = fs::exists(root / "sys/kernel/tracing/events/kairo", status);
  out += fmt::format("kairo tracepoints: {}\n", events ? "present" : "not present");
  std::string devices;
  for (const std::string& device : inspect::devices_with(root, "kairo")) devices += " " + device;
  out += fmt::format("devices under kairo:{}\n", devices.empty() ? " none" : devices);
  for (const inspect::Source& source : inspect::sources()) {
    out += fmt::format("\n{}: /sys/{}\n", source.name, source.where);
    for (const inspect::KnownName& known : inspect::known_names())
      if (known.source == source.name)
        out += fmt::format("  {:<26} {:<10} {:<9} {}\n", known.name, inspect::kind_name(known.kind),
                           known.unit, known.meaning);
  }
  return out;
}

base::Result<std::string> counters(const CountersOptions& options) {
  if (options.device.empty()) return options.json ? names_json() : names_text(options.root);
  auto snapshot = inspect::read_snapshot(options.root, options.device);
  if (!snapshot) return base::fail(snapshot.error());
  if (!options.since.empty()) {
    const auto text = base::read_file(options.since, 64 << 20);
    if (!text) return base::fail(text.error(), "--since");
    KAIRO_TRY(const auto before, inspect::parse_snapshot(*text, options.since.string()));
    snapshot = inspect::difference(before, *snapshot);
    if (!snapshot) return base::fail(snapshot.error(), options.since.string());
  }
  return options.json ? to_json_text(*snapshot) : to_text(*snapshot);
}

struct DeviceOptions {
  std::string device;
  fs::path sysfs;
  bool json = false;
};

base::Result<std::string> inspect_device(const DeviceOptions& options) {
  KAIRO_TRY(auto device, inspect::read_sysfs_facts(options.sysfs.empty() ? "/sys" : options.sysfs,
                                                   options.device));
  // A captured tree is of another machine: its drive cannot be asked.
  if (device.is_nvme && options.sysfs.empty()) {
    // A hidden path has no file in /dev.
    const std::string& node = device.multipath_drive.empty() ? device.name : device.multipath_drive;
    KAIRO_CHECK(inspect::add_nvme_facts(device, fs::path("/dev") / node));
  }
  const auto advice = inspect::advise(device);
  return options.json ? to_json_text(device, advice) : to_text(device, advice);
}

int print(const base::Result<std::string>& text) {
  if (!text) return base::report_error(text.error());
  std::fwrite(text->data(), 1, text->size(), stdout);
  return 0;
}

void add_counters(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<CountersOptions>();
  CLI::App* const command = app.add_subcommand(
      "counters", "Every counter, tunable and tracepoint of the kernel part, and their values.");
  command->footer(
      "Without a device the names with unit and meaning. A name the kernel has and this table "
      "does\n"
      "not, or the other way round, is told.\n"
      "Example: kairo counters nvme0n1 --json > before.json; fio job.fio;\n"
      "         kairo counters nvme0n1 --since before.json");
  command->add_option("device", options->device,
                      "Block device whose values to print: nvme0n1, or a path to it");
  command->add_flag("--json", options->json, "For programs");
  command->add_option("--since", options->since,
                      "An earlier --json output of the device: print what was counted since");
  command->add_option("--root", options->root, "Read below this directory instead of /");
  command->callback([options, &exit_code] { exit_code = print(counters(*options)); });
}

void add_device(CLI::App& app, int& exit_code) {
  CLI::App* const group = app.add_subcommand("device", "What a drive can do");
  group->require_subcommand(1);
  auto options = std::make_shared<DeviceOptions>();
  CLI::App* const command = group->add_subcommand(
      "inspect", "Queue limits, zones, streams and FDP of a block device, and what to set.");
  command->footer(
      "An NVMe drive is asked itself (libnvme, as root); n/a is what neither drive nor kernel "
      "say.\n"
      "Example: kairo device inspect nvme0n1\n"
      "Example: kairo device inspect nvme0n1 --sysfs captured/sys --json");
  command
      ->add_option("device", options->device,
                   "Block device, not a partition: nvme0n1, /dev/nvme0n1, or a link to it")
      ->required();
  command->add_option("--sysfs", options->sysfs,
                      "A copy of /sys, of this machine or another; the drive is not asked");
  command->add_flag("--json", options->json, "For programs");
  command->callback([options, &exit_code] { exit_code = print(inspect_device(*options)); });
}

}  // namespace

void add_inspect_commands(CLI::App& app, int& exit_code) {
  add_counters(app, exit_code);
  add_device(app, exit_code);
}

}  // namespace kairo
