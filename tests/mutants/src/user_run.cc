// SPDX-License-Identifier: GPL-2.0-only
#include "user_run.h"

#include <algorithm>
#include <cstdio>
#include <set>

#include "copy.h"
#include "draw.h"
#include "git.h"
#include "kairo/base/files.h"
#include "kairo/base/process.h"
#include "kairo/base/sha256.h"
#include "kairo/base/text.h"
#include "outcome.h"
#include "plan.h"
#include "results.h"
#include "test_program.h"

namespace kairo::mutants {
namespace {

constexpr std::size_t kIdDigits = 12;

std::string id_of(const std::string& text) {
  return base::sha256(text).substr(0, kIdDigits);
}

class UserRun {
 public:
  UserRun(const UserRequest& request, UserPlan plan, std::vector<ChosenPatch> patches, Copy copy,
          Record record)
      : request_(request),
        plan_(std::move(plan)),
        patches_(std::move(patches)),
        copy_(std::move(copy)),
        record_(std::move(record)) {}

  Result<int> run() {
    if (auto passed = run_unchanged(); !passed) return fail(passed.error());
    for (const ChosenPatch& patch : patches_)
      if (auto done = try_patch(patch); !done) return fail(done.error());
    for (const Area& area : plan_.areas)
      if (auto done = try_area(area); !done) return fail(done.error());
    return record_.finish();
  }

 private:
  // A test that fails anyway kills nothing.
  Status run_unchanged() {
    std::set<std::string> programs;
    for (const Area& area : plan_.areas) programs.insert(area.tests.begin(), area.tests.end());
    for (const ChosenPatch& patch : patches_) programs.insert(patch.program);
    const auto built = copy_.build({programs.begin(), programs.end()});
    if (!built) return fail(built.error());
    if (!built->empty()) return bad_input("{}: {}", copy_.path().string(), *built);
    for (const std::string& program : programs) {
      const auto tests = copy_.test(program, "");
      if (!tests) return fail(tests.error());
      if (!tests->passed) return bad_input("{} fails without a mutant: {}", program, tests->failed);
      std::printf("%-16s %s: passes without a mutant (%.1f s)\n", "", program.c_str(),
                  tests->seconds);
    }
    return {};
  }

  // Builds and tests what is in the copy now, and takes it out again.
  Result<Outcome> judge(Outcome out, const std::vector<std::string>& programs,
                        const std::string& filter) {
    const auto begin = std::chrono::steady_clock::now();
    const auto built = copy_.build(programs);
    if (!built) return fail(built.error());
    out.result = built->empty() ? "survived" : "does not compile";
    out.by = *built;
    for (const std::string& program : programs) {
      if (out.result != "survived") break;
      const auto tests = copy_.test(program, filter);
      if (!tests) return fail(tests.error());
      if (tests->passed) continue;
      out.result = "killed";
      out.by = fmt::format("{}: {}", program, tests->failed);
    }
    if (auto restored = copy_.restore(); !restored) return fail(restored.error());
    out.commit = copy_.commit();
    out.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    return out;
  }

  Status try_patch(const ChosenPatch& patch) {
    Outcome out{id_of(patch.text), "chosen", patch.name, patch.breaks, "broken", {}, {}, 0};
    if (const Outcome* const old = record_.find(out.id)) return record_.keep(*old);
    const auto applied = kernel::git(copy_.path(), {"apply", "--recount", "-C1", "-"}, patch.text);
    if (!applied) return fail(applied.error());
    if (applied->exit_code != 0) {
      out.by = "the patch does not apply: " + applied->err.substr(0, applied->err.find('\n'));
      return record_.add(out);
    }
    auto judged = judge(out, {patch.program}, patch.test);
    if (!judged) return fail(judged.error());
    // Nobody draws another one here.
    if (judged->result == "does not compile") judged->result = "broken";
    return record_.add(*judged);
  }

  Status try_area(const Area& area) {
    std::vector<SourceFile> files;
    for (const std::string& name : area.files) {
      auto text = base::read_file(copy_.path() / name);
      if (!text) return fail(text.error(), area.name);
      files.push_back({name, std::move(*text)});
    }
    std::size_t found = 0;
    for (const Mutation& mutation : draw(files, request_.seed)) {
      if (found == area.draw) break;
      const auto file = std::find_if(files.begin(), files.end(), [&](const SourceFile& source) {
        return source.path == mutation.path;
      });
      const auto outcome = try_mutation(area, *file, mutation);
      if (!outcome) return fail(outcome.error());
      if (outcome->result != "does not compile") ++found;
      if (auto added = record_.add(*outcome); !added) return added;
    }
    return {};
  }

  Result<Outcome> try_mutation(const Area& area, const SourceFile& file, const Mutation& mutation) {
    Outcome out;
    out.id = id_of(unified_diff(file, mutation));
    out.origin = "drawn";
    out.where = fmt::format("{}:{}", mutation.path, mutation.line);
    out.what = fmt::format("{} -> {}", base::trim(mutation.before), base::trim(mutation.after));
    if (const Outcome* const old = record_.find(out.id)) return *old;
    for (const Equivalent& known : plan_.equivalents) {
      if (known.file != mutation.path || known.before != base::trim(mutation.before) ||
          known.after != base::trim(mutation.after))
        continue;
      out.result = "equivalent";
      out.by = known.reason;
      return out;
    }
    if (auto written = base::write_file(copy_.path() / mutation.path, mutated(file, mutation));
        !written)
      return fail(written.error());
    return judge(out, area.tests, "");
  }

  const UserRequest& request_;
  UserPlan plan_;
  std::vector<ChosenPatch> patches_;
  Copy copy_;
  Record record_;
};

}  // namespace

Result<int> run_user_mutants(const UserRequest& request) {
  auto plan = read_user_plan(request.folder / "user.toml");
  if (!plan) return fail(plan.error());
  auto patches = read_chosen_patches(request.folder / "user");
  if (!patches) return fail(patches.error());
  const auto unwanted = [&](const auto& one) {
    return one.name.find(request.only) == std::string::npos;
  };
  std::erase_if(plan->areas, unwanted);
  std::erase_if(*patches, unwanted);
  auto record = Record::open(request.out, "user", request.resume);
  if (!record) return fail(record.error());
  auto copy = Copy::make(request.source, request.jobs);
  if (!copy) return fail(copy.error());
  return UserRun(request, std::move(*plan), std::move(*patches), std::move(*copy),
                 std::move(*record))
      .run();
}

}  // namespace kairo::mutants
