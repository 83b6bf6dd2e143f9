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
#include "kairo/base/short_names.h"
#include "kairo/base/text.h"
#include "outcome.h"
#include "plan.h"
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
    KAIRO_CHECK(run_unchanged());
    for (const ChosenPatch& patch : patches_) KAIRO_CHECK(try_patch(patch));
    for (const Area& area : plan_.areas) KAIRO_CHECK(try_area(area));
    return record_.finish();
  }

 private:
  // A test that fails anyway kills nothing.
  Status run_unchanged() {
    std::set<std::string> programs;
    for (const Area& area : plan_.areas) programs.insert(area.tests.begin(), area.tests.end());
    for (const ChosenPatch& patch : patches_) programs.insert(patch.program);
    KAIRO_TRY(const auto built, copy_.build({programs.begin(), programs.end()}));
    if (!built.empty()) return bad_input("{}: {}", copy_.path().string(), built);
    for (const std::string& program : programs) {
      KAIRO_TRY(const auto tests, copy_.test(program, ""));
      if (!tests.passed) return bad_input("{} fails without a mutant: {}", program, tests.failed);
      std::printf("%-16s %s: passes without a mutant (%.1f s)\n", "", program.c_str(),
                  tests.seconds);
    }
    return {};
  }

  // Builds and tests what is in the copy now, and takes it out again.
  Result<Outcome> judge(Outcome out, const std::vector<std::string>& programs,
                        const std::string& filter) {
    const auto begin = std::chrono::steady_clock::now();
    KAIRO_TRY(const auto built, copy_.build(programs));
    out.result = built.empty() ? "survived" : "does not compile";
    out.by = built;
    for (const std::string& program : programs) {
      if (out.result != "survived") break;
      KAIRO_TRY(const auto tests, copy_.test(program, filter));
      if (tests.passed) continue;
      out.result = "killed";
      out.by = fmt::format("{}: {}", program, tests.failed);
    }
    KAIRO_CHECK(copy_.restore());
    out.commit = copy_.commit();
    out.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    return out;
  }

  Status try_patch(const ChosenPatch& patch) {
    Outcome out{id_of(patch.text), "chosen", patch.name, patch.breaks, "broken", {}, {}, 0};
    if (const Outcome* const old = record_.find(out.id)) return record_.keep(*old);
    KAIRO_TRY(const auto applied,
              kernel::git(copy_.path(), {"apply", "--recount", "-C1", "-"}, patch.text));
    if (applied.exit_code != 0) {
      out.by = "the patch does not apply: " + applied.err.substr(0, applied.err.find('\n'));
      return record_.add(out);
    }
    KAIRO_TRY(auto judged, judge(out, {patch.program}, patch.test));
    // Nobody draws another one here.
    if (judged.result == "does not compile") judged.result = "broken";
    return record_.add(judged);
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
      KAIRO_TRY(const auto outcome, try_mutation(area, *file, mutation));
      if (outcome.result != "does not compile") ++found;
      KAIRO_CHECK(record_.add(outcome));
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
    KAIRO_CHECK(base::write_file(copy_.path() / mutation.path, mutated(file, mutation)));
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
  KAIRO_TRY(auto plan, read_user_plan(request.folder / "user.toml"));
  KAIRO_TRY(auto patches, read_chosen_patches(request.folder / "user"));
  const auto unwanted = [&](const auto& one) {
    return one.name.find(request.only) == std::string::npos;
  };
  std::erase_if(plan.areas, unwanted);
  std::erase_if(patches, unwanted);
  KAIRO_TRY(auto record, Record::open(request.out, "user", request.resume));
  KAIRO_TRY(auto copy, Copy::make(request.source, request.jobs));
  return UserRun(request, std::move(plan), std::move(patches), std::move(copy), std::move(record))
      .run();
}

}  // namespace kairo::mutants
