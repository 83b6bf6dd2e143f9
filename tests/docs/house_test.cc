// SPDX-License-Identifier: GPL-2.0-only
// scripts/house.sh, on trees in which something is too long.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kairo/base/files.h"
#include "kairo/base/process.h"

namespace kairo {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kLimits =
    "long_functions 0\nlongest_function 0\nlong_files 0\nmedian_file 100\n";

std::string lines(unsigned count, const std::string& indent = "  ") {
  std::string out;
  for (unsigned i = 0; i < count; ++i) out += indent + "step();\n";
  return out;
}

class House : public testing::Test {
 protected:
  void SetUp() override { put("scripts/house-limits", kLimits); }
  void put(const std::string& name, const std::string& text) const {
    ASSERT_TRUE(base::write_below(tree_.path(), name, text));
  }
  [[nodiscard]] base::ProcessResult run() const {
    const auto done = base::run(
        {.argv = {std::string(KAIRO_SOURCE_DIR) + "/scripts/house.sh", tree_.path().string()}});
    EXPECT_TRUE(done);
    return done ? *done : base::ProcessResult{};
  }
  base::TempDir tree_ = *base::TempDir::create("kairo-house-");
};

TEST_F(House, ALongFunctionFails) {
  put("base/a.cc", "namespace a {\n\nvoid fits() {\n" + lines(58) + "}\n\nvoid grows(int a,\n" +
                       "           int b) {\n" + lines(58) + "}\n\n}  // namespace a\n");
  const auto result = run();
  EXPECT_EQ(result.exit_code, 1) << result.out;
  EXPECT_THAT(result.out,
              AllOf(HasSubstr("  61 base/a.cc:64 void grows(int a,\n"), Not(HasSubstr("fits"))));
  EXPECT_THAT(result.err, HasSubstr("long_functions is 1, more than 0"));
}

// Methods inside a class have an indent, and what is in a raw string is not code.
TEST_F(House, SeesMethodsAndNoText) {
  put("base/a.cc", "class A {\n public:\n  void grows() {\n" + lines(59, "    ") +
                       "  }\n  int after_ = 0;\n};\n");
  put("base/b.cc",
      "void text() {\n  say(R\"(\n}\n" + lines(30) + "int f() {\n)\");\n" + lines(30) + "}\n");
  const auto result = run();
  EXPECT_EQ(result.exit_code, 1) << result.out;
  EXPECT_THAT(result.out, AllOf(HasSubstr("  61 base/a.cc:3   void grows() {\n"),
                                HasSubstr("  66 base/b.cc:1 void text() {\n")));
}

TEST_F(House, ExceptionsHaveAReason) {
  put("base/a.cc", "void grows() {\n" + lines(59) + "}\n");
  EXPECT_EQ(run().exit_code, 1);
  put("scripts/house-limits", std::string(kLimits) + "except base/a.cc it is a table\n");
  const auto result = run();
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("  61 base/a.cc:1 void grows() { (it is a table)\n"));
}

TEST_F(House, LongFilesAndAHighMedianFail) {
  put("base/a.h", lines(401));
  put("base/b.h", lines(100));
  put("base/c.h", lines(101));
  const auto result = run();
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.out, HasSubstr("  401 base/a.h\n"));
  EXPECT_THAT(result.err, AllOf(HasSubstr("long_files is 1, more than 0"),
                                HasSubstr("median_file is 101, more than 100")));
}

TEST_F(House, LimitsThatCanBeLowerAreNamed) {
  put("base/a.h", lines(3));
  put("scripts/house-limits",
      "long_functions 2\nlongest_function 0\nlong_files 0\nmedian_file 100\n");
  const auto result = run();
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.err, "house: long_functions can be 0 in scripts/house-limits now\n");
}

}  // namespace
}  // namespace kairo
