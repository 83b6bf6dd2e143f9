// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/engine/cli.h"

#include <fmt/format.h>

#include <memory>

#include "cost.h"
#include "kairo/base/files.h"
#include "kairo/base/interrupt.h"
#include "kairo/engine/find_engine.h"
#include "kairo/kernel/build.h"

namespace kairo {
namespace {

struct CostArgs {
  std::string engine;
  unsigned depth = 32;
  unsigned batch = 1;
  unsigned repeats = 5;
  bool guest = false;
};

base::Status cost(const CostArgs& args) {
  std::filesystem::path engine = args.engine;
  if (engine.empty()) {
    KAIRO_TRY(engine, engine::find_engine());
  }
  if (args.guest) {
    KAIRO_TRY(const auto image, kernel::built_image("lab"));
    KAIRO_TRY(const auto costs, engine::measure_guest({.engine = engine,
                                                       .kernel_image = image,
                                                       .sweep = {1, 2, 4, 8, 16, 64, 128, 256}}));
    fmt::print("{}", engine::guest_table(costs));
    return {};
  }
  KAIRO_TRY(const auto directory, base::TempDir::create("kairo-cost-"));
  KAIRO_TRY(const auto costs,
            engine::measure_host(engine::variants(engine.string()), {.directory = directory.path(),
                                                                     .depth = args.depth,
                                                                     .batch = args.batch,
                                                                     .repeats = args.repeats}));
  fmt::print("{}", engine::host_table(costs));
  return {};
}

}  // namespace

void add_engine_commands(CLI::App& app, int& exit_code) {
  CLI::App* engine = app.add_subcommand("engine", "The fio engine");
  engine->require_subcommand(1);
  const auto args = std::make_shared<CostArgs>();
  CLI::App* command = engine->add_subcommand(
      "cost",
      "What an I/O costs with this engine and with fio's own io_uring engine: instructions "
      "(callgrind), system calls (strace), IOPS. Prints Markdown tables.");
  command->add_option("--engine", args->engine, "kairo.so; by default the one beside this program");
  command->add_option("--depth", args->depth, "fio's iodepth")->check(CLI::Range(1, 4096));
  command->add_option("--batch", args->batch, "fio's iodepth_batch")->check(CLI::Range(1, 4096));
  command->add_option("--repeats", args->repeats, "Timed runs per engine; 0: none")
      ->check(CLI::Range(0, 100));
  command->add_flag("--guest", args->guest,
                    "In the patched kernel in virtual time instead, kernel included, with a sweep "
                    "of depth and batch from 1 to 256");
  command->footer("Example: kairo engine cost --guest");
  command->callback([args, &exit_code] {
    const base::InterruptGuard guard;
    if (auto ok = cost(*args); !ok) exit_code = base::report_error(ok.error());
  });
}

}  // namespace kairo
