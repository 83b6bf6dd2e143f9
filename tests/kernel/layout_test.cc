// SPDX-License-Identifier: GPL-2.0-only
#include "layout.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kairo/base/files.h"
#include "kairo/base/process.h"

namespace kairo::kernel {
namespace {

using base::ErrorCode;
using ::testing::AllOf;
using ::testing::HasSubstr;

class Layout : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(folder_); }

  // An object file with debugging information that has a `struct request` of these members.
  std::filesystem::path compile(const std::string& name, const std::string& members) {
    const auto source = folder_->path() / (name + ".c");
    const auto object = folder_->path() / (name + ".o");
    EXPECT_TRUE(base::write_file(
        source, "struct node { void *a, *b; };\nstruct request {\n" + members + "} it;\n"));
    const auto made = base::run_ok(
        {.argv = {"gcc", "-g", "-gdwarf-4", "-c", "-o", object.string(), source.string()}});
    EXPECT_TRUE(made) << made.error().message;
    return object;
  }

  base::Result<base::TempDir> folder_ = base::TempDir::create("kairo-layout-");
};

constexpr const char* kMembers = "void *q; unsigned flags; unsigned long sector; struct node n;\n";

TEST_F(Layout, TheSameIsTheSameWhateverIsSaidOfAlignment) {
  const auto kernel = compile("kernel", kMembers);
  EXPECT_TRUE(same_layout(kernel, compile("module", kMembers), "request"));
  EXPECT_TRUE(same_layout(kernel,
                          compile("aligned",
                                  "void *q; unsigned flags; unsigned long sector;\n"
                                  "struct node n __attribute__((aligned(8)));\n"),
                          "request"));
}

TEST_F(Layout, AnotherMemberOrSizeIsNamed) {
  const auto kernel = compile("kernel", kMembers);
  const auto longer =
      same_layout(kernel, compile("longer", std::string(kMembers) + "void *more;\n"), "request");
  ASSERT_FALSE(longer);
  EXPECT_EQ(longer.error().code, ErrorCode::kInput);
  EXPECT_THAT(longer.error().message,
              AllOf(HasSubstr("struct request"), HasSubstr("kernel.o"), HasSubstr("void * more;")));
  // Of the same size, so that a comparison of sizes would not see it.
  const auto swapped = same_layout(
      kernel, compile("swapped", "unsigned long sector; unsigned flags; void *q; struct node n;\n"),
      "request");
  ASSERT_FALSE(swapped);
  EXPECT_THAT(swapped.error().message, HasSubstr("sector"));
  EXPECT_FALSE(same_layout(
      kernel, compile("type", "void *q; int flags; unsigned long sector; struct node n;\n"),
      "request"));
}

TEST_F(Layout, WhatIsNotThereCannotBeCompared) {
  const auto kernel = compile("kernel", kMembers);
  const auto missing = same_layout(kernel, kernel, "request_queue");
  ASSERT_FALSE(missing);
  EXPECT_THAT(missing.error().message, HasSubstr("no struct request_queue"));
}

}  // namespace
}  // namespace kairo::kernel
