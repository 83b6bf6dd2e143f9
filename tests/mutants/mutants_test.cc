// SPDX-License-Identifier: GPL-2.0-only
// What the tool draws is code that somebody could have written, and the lists beside it are whole.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "code_mask.h"
#include "draw.h"
#include "edits.h"
#include "kairo/base/files.h"
#include "kairo/base/text.h"
#include "plan.h"
#include "switch_form.h"

namespace kairo::mutants {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

const std::filesystem::path kFolder = std::filesystem::path(KAIRO_SOURCE_DIR) / "tests" / "mutants";

// The lines that a line of code can become.
std::vector<std::string> mutants_of(const std::string& line, const std::string& before = ";\n") {
  std::vector<std::string> out;
  for (const Edit& edit : edits_of(code_mask(line), line, before))
    out.push_back(std::string(line).replace(edit.at, edit.length, edit.replacement));
  return out;
}

TEST(CodeMask, BlanksAllButCode) {
  EXPECT_EQ(code_mask("a(); // b < c\n/* d\ne */ f;"), "a();         \n    \n     f;");
  EXPECT_EQ(code_mask("#include <a>\\\n b < c\nx;"), "             \n      \nx;");
  EXPECT_EQ(code_mask(R"x(f("a \" < b", '"', c);)x"), "f(          ,    , c);");
  EXPECT_EQ(code_mask("s = R\"z(a < b)\" c)z\"; d"), "s = R               ; d");
  EXPECT_EQ(code_mask("1'000 < 'x'"), "1'000 <    ");
  EXPECT_EQ(code_mask("assert(a < (b)); my_assert(a < b);"), "               ; my_assert(a < b);");
}

TEST(Edits, AreTheClassicOperators) {
  EXPECT_THAT(mutants_of("  if (a < b)"), UnorderedElementsAre("  if (a <= b)", "  if (!(a < b))"));
  EXPECT_THAT(mutants_of("  x = y + 7;"),
              UnorderedElementsAre("  x = y - 7;", "  x = y + 8;", "  x = y + 6;", "  {}"));
  EXPECT_THAT(mutants_of("a && b;"), ElementsAre("a || b;"));
  EXPECT_THAT(mutants_of("  return true;"), ElementsAre("  return false;"));
  EXPECT_THAT(mutants_of("  return std::min(a, b);"), ElementsAre("  return std::max(a, b);"));
  EXPECT_THAT(mutants_of("  if (f(\"b\"))"), ElementsAre("  if (!(f(\"b\")))"));
  EXPECT_THAT(mutants_of("  ++count;"), UnorderedElementsAre("  --count;", "  {}"));
  EXPECT_THAT(mutants_of("x = a ||"), Contains("x = a &&"));
}

TEST(Edits, LeaveAloneWhatIsNoCodeOrNoStatement) {
  EXPECT_THAT(mutants_of("  // a < b"), IsEmpty());
  EXPECT_THAT(mutants_of("  spin_lock(&kd->lock);"), IsEmpty());
  EXPECT_THAT(mutants_of("MODULE_ALIAS(name);"), IsEmpty());
  EXPECT_THAT(mutants_of("  return !f(x);"), IsEmpty());
  EXPECT_THAT(mutants_of("  std::vector<int> names;"), IsEmpty());
  EXPECT_THAT(mutants_of("  auto&& all = f(x);"), IsEmpty());
  EXPECT_THAT(mutants_of("  std::string out(text);"), IsEmpty());
  EXPECT_THAT(mutants_of("      more(b);", "  f(a,\n"), IsEmpty());
  EXPECT_THAT(mutants_of("  return std::numeric_limits<int>::max();"), IsEmpty());
  EXPECT_THAT(mutants_of("  x = 0.5 * y2;", "f(\n"), IsEmpty());
}

const SourceFile kSource = {"a.cc",
                            "int f(int a) {\n  if (a < 3)\n    return 1;\n  return a + 2;\n}\n"};

TEST(Draw, DependsOnTheSeedAlone) {
  const auto lines = [](std::uint64_t seed) {
    std::vector<std::string> out;
    for (const Mutation& mutation : draw({kSource}, seed)) out.push_back(mutation.after);
    return out;
  };
  EXPECT_EQ(lines(7).size(), 3U);
  EXPECT_EQ(lines(7), lines(7));
  std::set<std::vector<std::string>> different;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) different.insert(lines(seed));
  EXPECT_GT(different.size(), 5U);
}

TEST(Draw, DiffAndFileSayTheSame) {
  const Mutation mutation{"a.cc", 2, "compare", "  if (a < 3)", "  if (a <= 3)"};
  EXPECT_EQ(mutated(kSource, mutation),
            "int f(int a) {\n  if (a <= 3)\n    return 1;\n  return a + 2;\n}\n");
  EXPECT_EQ(unified_diff(kSource, mutation),
            "--- a/a.cc\n+++ b/a.cc\n@@ -1,5 +1,5 @@\n int f(int a) {\n-  if (a < 3)\n"
            "+  if (a <= 3)\n     return 1;\n   return a + 2;\n }\n");
}

TEST(SwitchForm, BehavesAsBeforeUnlessItIsOn) {
  EXPECT_EQ(switch_form({"a.c", 1, "compare", "\tif (a < b)", "\tif (a <= b)"}, 4),
            "\tif (KAIRO_MUTANT(4) ? (a <= b) : (a < b))");
  EXPECT_EQ(switch_form({"a.c", 1, "condition", "\tif (a->file)", "\tif (!(a->file))"}, 3),
            "\tif (KAIRO_MUTANT(3) ? (!(a->file)) : !!(a->file))");
  EXPECT_EQ(switch_form({"a.c", 1, "constant", "\treturn a + 1;", "\treturn a + 2;"}, 5),
            "\treturn KAIRO_MUTANT(5) ? (a + 2) : (a + 1);");
  EXPECT_EQ(switch_form({"a.c", 1, "statement", "\tf(a);", "\t{}"}, 6),
            "\t{ if (!KAIRO_MUTANT(6)) f(a); }");
  EXPECT_EQ(switch_form({"a.c", 1, "compare", "\t    a < b)", "\t    a <= b)"}, 7), std::nullopt);
}

// The numbers in a patch, of its added lines.
std::multiset<unsigned> switches_in(const std::string& patch) {
  constexpr std::string_view kName = "KAIRO_MUTANT(";
  std::multiset<unsigned> out;
  for (const std::string_view line : base::split_lines(patch)) {
    const auto at = line.find(kName);
    if (!line.starts_with('+') || at == std::string_view::npos) continue;
    const unsigned number =
        static_cast<unsigned>(std::strtoul(line.data() + at + kName.size(), nullptr, 10));
    if (number != 0) out.insert(number);  // the macro's own definition has none
  }
  return out;
}

TEST(Lists, EachSwitchIsListedOnce) {
  const auto plan = read_kernel_plan(kFolder / "kernel" / "mutants.toml");
  ASSERT_TRUE(plan) << plan.error().message;
  const auto patch = base::read_file(kFolder / "kernel" / "switches.patch");
  ASSERT_TRUE(patch) << patch.error().message;
  std::multiset<unsigned> listed;
  for (const KernelMutant& mutant : *plan) listed.insert(mutant.number);
  EXPECT_EQ(listed, switches_in(*patch));
}

TEST(Lists, NameFilesThatThereAre) {
  const auto plan = read_user_plan(kFolder / "user.toml");
  ASSERT_TRUE(plan) << plan.error().message;
  for (const Area& area : plan->areas) {
    for (const std::string& file : area.files)
      EXPECT_TRUE(std::filesystem::exists(std::filesystem::path(KAIRO_SOURCE_DIR) / file)) << file;
  }
  const auto patches = read_chosen_patches(kFolder / "user");
  ASSERT_TRUE(patches) << patches.error().message;
  EXPECT_FALSE(patches->empty());
}

}  // namespace
}  // namespace kairo::mutants
