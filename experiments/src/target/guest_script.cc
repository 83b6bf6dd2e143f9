// SPDX-License-Identifier: GPL-2.0-only
#include "target/guest_script.h"

#include <fmt/ranges.h>

#include <cmath>

#include "kairo/base/process.h"
#include "target/cost_probe.h"

namespace kairo::experiments {
namespace {

// Shell functions; the device and the profile's attributes are set in front of them.
constexpr std::string_view kFunctions =
#include "run.sh.inc"
    ;

std::string assign(std::string_view name, std::string_view value) {
  return fmt::format("export {}={}\n", name, base::shell_quote({std::string(value)}));
}

std::uint64_t rate(double per_second) {
  return static_cast<std::uint64_t>(std::llround(std::max(1.0, per_second)));
}

}  // namespace

std::string guest_script(const Definition& definition, const DeviceProfile& profile,
                         const GuestPaths& paths, const std::vector<GuestRun>& runs,
                         std::uint64_t seed) {
  std::string attributes;
  for (const auto& [name, value] : profile.attributes())
    attributes += fmt::format("{}={} ", name, value);

  std::string out = "set -u\n";
  out += fmt::format("dev={}\nprofile='{}'\n", kGuestDevice, attributes);
  out += fmt::format("fio={}\n", base::shell_quote({paths.fio}));
  out += fmt::format("sampler={}\n", base::shell_quote({paths.sampler}));
  out += fmt::format("bpftrace={}\ntracing={}\n", base::shell_quote({paths.bpftrace}),
                     paths.tracing_directory);
  out += fmt::format("collect={}\n",
                     base::shell_quote({fmt::format("{}", fmt::join(definition.collect, " "))}));
  out += fmt::format("script_stacks='{}'\n", fmt::join(kScriptStacks, " "));
  out += assign("KAIRO_DEV", fmt::format("/dev/{}", kGuestDevice));
  out += assign("KAIRO_ENGINE", fmt::format("external:{}", paths.engine));
  out += assign("KAIRO_SEED", std::to_string(seed));
  out += assign("KAIRO_DECODE_BS", std::to_string(kDecodeBytes));
  out += assign("KAIRO_PREFETCH_BS", std::to_string(kPrefetchBytes));
  out += kFunctions;
  out += R"sh(
mkdir -p /out/environment
uname -a > /out/environment/uname
cat /proc/cmdline > /out/environment/cmdline
$fio --version > /out/environment/fio
)sh";
  for (const GuestRun& run : runs) {
    out += "\nmake_device\n";
    out += fmt::format("set_scheduler {}\n", run.arm->scheduler);
    for (const reports::TextMap* files : {&run.arm->tunables, &run.arm->device_files})
      for (const auto& [name, value] : *files)
        out += fmt::format("set_tunable {}\n", base::shell_quote({name, value}));
    for (const auto& [name, value] : run.arm->group_files) {
      const auto slash = name.find('/');
      out += fmt::format("set_group {}\n",
                         base::shell_quote({name.substr(0, slash), name.substr(slash + 1), value}));
    }
    out +=
        fmt::format("script={}\n",
                    run.arm->script.empty() ? std::string() : base::shell_quote({run.arm->script}));
    out += assign("KAIRO_SECONDS", std::to_string(definition.seconds_of(*run.load)));
    std::string samples;
    for (const SampleDefinition& sample : run.load->samples)
      samples += fmt::format("{} {} ", sample.every_ms, sample.file);
    out += fmt::format("samples='{}'\n", samples);
    out += assign("KAIRO_DECODE_IOPS",
                  std::to_string(rate(profile.read_rate(run.load->decode_share, kDecodeBytes))));
    out +=
        assign("KAIRO_PREFETCH_IOPS",
               std::to_string(rate(profile.read_rate(run.load->prefetch_share, kPrefetchBytes))));
    out += assign("KAIRO_TRACE", fmt::format("{}/{}", paths.workload_directory, run.load->name));
    out +=
        fmt::format("probe='{}'\n",
                    fmt::join(probe_prefix(paths.probe,
                                           fmt::format("/out/{}/{}", run.load->name, run.arm->name),
                                           StacksOf::kMachine),
                              " "));
    out += fmt::format("run_one {0} {1} {2}/{0}/{1}.fio\n", run.load->name, run.arm->name,
                       paths.job_directory);
    if (!run.arm->group_files.empty()) out += "remove_groups\n";
    out += "remove_device\n";
  }
  return out;
}

}  // namespace kairo::experiments
