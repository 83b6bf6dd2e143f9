// SPDX-License-Identifier: GPL-2.0-only
#include "cli_parts.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "kairo/base/files.h"
#include "kairo/base/interrupt.h"
#include "kairo/base/process.h"
#include "kairo/base/short_names.h"
#include "kairo/kernel/build.h"
#include "kairo/kernel/guest.h"
#include "kairo/kernel/step_log.h"

namespace kairo::kernel {
namespace {

struct BootOptions {
  std::string config = "lab";
  fs::path kernel;
  std::string accel;  // empty: icount, and what QEMU's own drives need if there are any
  unsigned smp = 1;
  unsigned mem_mib = 1024;
  std::int64_t timeout_s = 600;
  std::uint64_t seed = 1;
  std::vector<std::string> files;
  std::vector<std::string> programs;
  fs::path out_dir;
  bool share_root = false;
  std::string kernel_arguments;
  bool newer_qemu = false;
  std::vector<std::string> qemu_arguments;
  std::vector<std::string> command;
};

// "HOST:GUEST"; the guest path is what follows the last colon.
Result<GuestFile> parse_file(const std::string& text) {
  const auto colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0 || colon + 1 == text.size())
    return fail(ErrorCode::kUsage, "--file '{}': must be HOST:GUEST", text);
  return GuestFile{text.substr(0, colon), text.substr(colon + 1)};
}

Result<GuestSpec> make_spec(const BootOptions& options) {
  GuestSpec spec;
  spec.smp = options.smp;
  if (!options.accel.empty()) {
    const auto accel = parse_accel(options.accel);
    if (!accel) return fail(accel.error(), "--accel");
    spec.accel = *accel;
  } else if (!options.qemu_arguments.empty()) {
    use_host_time(spec);
  }
  if (options.kernel.empty()) {
    KAIRO_TRY(spec.kernel_image, built_image(options.config));
  } else {
    spec.kernel_image = options.kernel;
  }
  for (const std::string& text : options.files) {
    KAIRO_TRY(auto file, parse_file(text));
    spec.files.push_back(std::move(file));
  }
  for (const std::string& name : options.programs) {
    const fs::path program =
        name.find('/') != std::string::npos ? fs::path(name) : base::find_program(name);
    if (program.empty()) return fail(ErrorCode::kInput, "--program {}: not found on PATH", name);
    spec.programs.push_back(program);
  }
  // One argument is a script, several are a command and its arguments.
  spec.script =
      options.command.size() == 1 ? options.command.front() : base::shell_quote(options.command);
  spec.out_dir = options.out_dir;
  spec.mem_mib = options.mem_mib;
  spec.timeout = std::chrono::seconds(options.timeout_s);
  spec.seed = options.seed;
  spec.share_root = options.share_root;
  spec.kernel_arguments = options.kernel_arguments;
  if (options.newer_qemu) {
    KAIRO_TRY(spec.qemu_root, qemu_with_placement());
  }
  spec.qemu_arguments = options.qemu_arguments;
  spec.on_line = [](std::string_view line) {
    std::fwrite(line.data(), 1, line.size(), stdout);
    std::fputc('\n', stdout);
    std::fflush(stdout);
  };
  return spec;
}

int boot(const BootOptions& options) {
  const auto spec = make_spec(options);
  if (!spec) return base::report_error(spec.error());
  const auto begin = std::chrono::steady_clock::now();
  const base::InterruptGuard guard;
  const auto result = boot_guest(*spec);
  if (!result) return base::report_error(result.error());
  if (options.kernel.empty()) {
    // That it boots, not that the command in it went well.
    const bool clean = result->kernel_complaints.empty();
    const auto noted = leave_image_step(
        {.name = fmt::format("boot-{}", options.config),
         .command = fmt::format("kairo kernel boot --config {}", options.config),
         .exit_status = clean ? 0 : static_cast<int>(ErrorCode::kShort),
         .note = fmt::format("{} complaints of the kernel", result->kernel_complaints.size())},
        spec->kernel_image, begin);
    if (!noted) fmt::print(stderr, "kairo: warning: not noted: {}\n", noted.error().message);
  }
  if (!result->note.empty()) fmt::print(stderr, "kairo: {}\n", result->note);
  if (result->kernel_complaints.empty()) return result->exit_code;
  for (const std::string& excerpt : result->kernel_complaints) fmt::print(stderr, "{}\n", excerpt);
  return base::report_error(
      {ErrorCode::kShort, fmt::format("the guest kernel complained {} time(s), see above (the "
                                      "command itself ended with status {})",
                                      result->kernel_complaints.size(), result->exit_code)});
}

}  // namespace

void add_boot_command(CLI::App& kernel, int& exit_code) {
  auto options = std::make_shared<BootOptions>();
  CLI::App* const app = kernel.add_subcommand(
      "boot", "Run a command as root in a guest with the built kernel; its status is returned.");
  app->footer(
      "Any BUG, WARNING, oops, lockdep report, hung task or panic in the kernel log fails the "
      "run.\n"
      "Example: kairo kernel boot --program fio --out results/boot -- fio --name=a --size=1m\n"
      "Example: kairo kernel boot --smp 2 -- 'uname -r; cat /sys/block/*/queue/scheduler'");
  app->add_option("--config", options->config, "Built kernel: lab, debug, base or stock")
      ->capture_default_str();
  app->add_flag_callback(
      "--base", [options] { options->config = "base"; }, "The same as --config base");
  app->add_option("--kernel", options->kernel, "A bzImage of your own instead of --config");
  app->add_option("--accel", options->accel,
                  "icount (virtual time, exact), tcg, or kvm (falls back to tcg); if not given "
                  "icount, with --qemu tcg and at least two processors");
  app->add_option("--smp", options->smp, "Processors, 1 to 8")->capture_default_str();
  app->add_option("--mem", options->mem_mib, "Memory in MiB")->capture_default_str();
  app->add_option("--timeout", options->timeout_s, "Seconds of host time for the whole run")
      ->capture_default_str();
  app->add_option("--seed", options->seed, "Seed of the guest's randomness")->capture_default_str();
  app->add_option("--file", options->files, "HOST:GUEST, copied into the guest (repeatable)")
      ->allow_extra_args(false);
  app->add_option("--program", options->programs,
                  "Program of this host, copied with its libraries (repeatable)")
      ->allow_extra_args(false);
  app->add_option("--out", options->out_dir, "Receives what the command leaves in /out");
  app->add_flag("--share-root", options->share_root,
                "The host's root under the command, read-only (not exact in virtual time)");
  app->add_option("--append", options->kernel_arguments, "More kernel arguments");
  app->add_flag("--newer-qemu", options->newer_qemu,
                "A QEMU that has drives with flexible data placement (fetched once)");
  app->add_option("--qemu", options->qemu_arguments,
                  "One more argument of QEMU: --qemu=-device --qemu=nvme,... (repeatable)")
      ->allow_extra_args(false);
  app->add_option("command", options->command, "The command, after --")->required();
  app->callback([options, &exit_code] { exit_code = boot(*options); });
}

}  // namespace kairo::kernel
