// SPDX-License-Identifier: GPL-2.0-only
// The tests, tested: each mutant is a fault put into the code on purpose, and a test must fail.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>

#include "draw.h"
#include "kairo/base/files.h"
#include "kairo/base/short_names.h"
#include "kernel_run.h"
#include "switch_form.h"
#include "user_run.h"

namespace kairo::mutants {
namespace {

struct DrawRequest {
  std::vector<std::string> files;
  fs::path folder = ".";
  std::uint64_t seed = 1;
  std::size_t count = 10;
  unsigned first_switch = 0;  // 0: diffs; else switches are written into the files
};

// Writes switches from the bottom up: a line above keeps its number.
base::Status write_switches(const DrawRequest& request, std::vector<SourceFile> files,
                            std::vector<Mutation> drawn) {
  unsigned number = request.first_switch;
  std::vector<Mutation> switched;
  for (Mutation& mutation : drawn) {
    if (switched.size() == request.count) break;
    const auto form = switch_form(mutation, number);
    if (!form) continue;
    std::printf("%u %s:%zu: %s\n  -> %s\n", number++, mutation.path.c_str(), mutation.line,
                mutation.before.c_str(), mutation.after.c_str());
    mutation.after = *form;
    switched.push_back(std::move(mutation));
  }
  std::sort(switched.begin(), switched.end(),
            [](const Mutation& a, const Mutation& b) { return a.line > b.line; });
  for (SourceFile& file : files) {
    for (const Mutation& mutation : switched)
      if (mutation.path == file.path) file.text = mutated(file, mutation);
    KAIRO_CHECK(base::write_file(request.folder / file.path, file.text));
  }
  return {};
}

Result<int> draw_mutants(const DrawRequest& request) {
  std::vector<SourceFile> files;
  for (const std::string& name : request.files) {
    KAIRO_TRY(auto text, base::read_file(request.folder / name));
    files.push_back({name, std::move(text)});
  }
  std::vector<Mutation> drawn = draw(files, request.seed);
  if (request.first_switch != 0) {
    KAIRO_CHECK(write_switches(request, files, std::move(drawn)));
    return 0;
  }
  drawn.resize(std::min(drawn.size(), request.count));
  for (const Mutation& mutation : drawn) {
    for (const SourceFile& file : files)
      if (file.path == mutation.path) std::printf("%s", unified_diff(file, mutation).c_str());
  }
  return 0;
}

int report(const Result<int>& status) {
  return status ? *status : base::report_error(status.error());
}

void add_draw(CLI::App& app, DrawRequest& request) {
  CLI::App* const draw = app.add_subcommand("draw", "Print mutants of these files as diffs.");
  draw->add_option("FILE", request.files, "Sources, C or C++")->required();
  draw->add_option("--directory", request.folder, "Where they are")->capture_default_str();
  draw->add_option("--seed", request.seed, "Decides what is drawn")->capture_default_str();
  draw->add_option("--count", request.count, "How many")->capture_default_str();
  draw->add_option(
      "--switches", request.first_switch,
      "Write them into the files as KAIRO_MUTANT switches instead, numbered from here");
}

void add_user(CLI::App& app, UserRequest& request) {
  CLI::App* const user = app.add_subcommand("user", "Try the mutants of the programs.");
  user->add_option("--seed", request.seed, "Decides what is drawn")->capture_default_str();
  user->add_option("--only", request.only, "Areas and patches with this in their name");
  user->add_option("--out", request.out, "Folder of the results")->capture_default_str();
  user->add_option("--jobs", request.jobs, "Compile jobs")->capture_default_str();
  user->add_flag("--resume", request.resume, "Go on; what survived is tried again");
}

void add_kernel(CLI::App& app, KernelRequest& request) {
  CLI::App* const kernel = app.add_subcommand("kernel", "Try the mutants of the series.");
  kernel->add_option("--only", request.only, "Numbers, with commas");
  kernel->add_option("--out", request.out, "Folder of the results")->capture_default_str();
  kernel->add_option("--jobs", request.jobs, "Compile jobs")->capture_default_str();
  kernel->add_flag("--resume", request.resume, "Go on; what survived is tried again");
  kernel->add_flag("--build-only", request.build_only, "Only build the image");
}

int run(int argc, char** argv) {
  const fs::path source = KAIRO_SOURCE_DIR;
  const fs::path folder = source / "tests" / "mutants";
  const fs::path build = KAIRO_BUILD_DIR;
  DrawRequest draw;
  UserRequest user{.source = source, .folder = folder, .out = build / "mutants"};
  KernelRequest kernel{.build = build, .folder = folder, .out = build / "mutants"};
  CLI::App app{"Faults put into the code on purpose: a test must fail for each.", "kairo_mutants"};
  app.require_subcommand(1);
  app.footer(
      "Exit status: 0 none survived, 1 one did, 2 usage, 3 bad input, 77 not possible here.");
  add_draw(app, draw);
  add_user(app, user);
  add_kernel(app, kernel);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : static_cast<int>(base::ErrorCode::kUsage);
  }
  if (app.got_subcommand("draw")) return report(draw_mutants(draw));
  if (app.got_subcommand("user")) return report(run_user_mutants(user));
  return report(run_kernel_mutants(kernel));
}

}  // namespace
}  // namespace kairo::mutants

int main(int argc, char** argv) {
  try {
    return kairo::mutants::run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "kairo_mutants: %s\n", error.what());
    return 70;  // EX_SOFTWARE
  }
}
