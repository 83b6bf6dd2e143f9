// SPDX-License-Identifier: GPL-2.0-only
// Hints in entries of io_uring. hint.hpp first and alone: it brings nothing of linux/fs.h.
#include "kairo/hint.hpp"

// The guard of linux/fs.h, and names that it takes from everybody.
#if defined(_LINUX_FS_H) || defined(BLOCK_SIZE) || defined(NR_FILE) || defined(MS_RDONLY)
#error "kairo/hint.hpp brings the macros of linux/fs.h"
#endif
template <int BLOCK_SIZE>
constexpr int kTwice = 2 * BLOCK_SIZE;
static_assert(kTwice<2> == 4);

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/io_uring.h>

#include <cstring>
#include <regex>

#include "kairo/base/files.h"

namespace kairo::hint {
namespace {

// As liburing's io_uring_prep_rw(): whatever was there is gone.
io_uring_sqe& prepare(io_uring_sqe& sqe, unsigned opcode) {
  sqe.opcode = static_cast<std::uint8_t>(opcode);
  sqe.flags = 0;
  sqe.ioprio = 0;
  sqe.rw_flags = 0;
  sqe.buf_index = 0;
  sqe.personality = 0;
  sqe.file_index = 0;
  sqe.addr3 = 0;
  sqe.__pad2[0] = 0;
  return sqe;
}

bool same(const io_uring_sqe& a, const io_uring_sqe& b) {
  return std::memcmp(&a, &b, sizeof(a)) == 0;
}

constexpr Carrier kCarriers[] = {Carrier::kAttr, Carrier::kRwf, Carrier::kIoprio, Carrier::kNone};

TEST(HintSqe, TheOpcodesAreTheKernels) {
  EXPECT_THAT(kReadOpcodes, testing::IsSupersetOf({static_cast<unsigned>(IORING_OP_READV),
                                                   static_cast<unsigned>(IORING_OP_READ_FIXED),
                                                   static_cast<unsigned>(IORING_OP_READ)}));
  EXPECT_THAT(kWriteOpcodes, testing::IsSupersetOf({static_cast<unsigned>(IORING_OP_WRITEV),
                                                    static_cast<unsigned>(IORING_OP_WRITE_FIXED),
                                                    static_cast<unsigned>(IORING_OP_WRITE)}));
  io_uring_sqe sqe = {};
  EXPECT_EQ(op_of(prepare(sqe, IORING_OP_READ_FIXED)), Op::kRead);
  EXPECT_EQ(op_of(prepare(sqe, IORING_OP_WRITEV)), Op::kWrite);
  for (const unsigned other : {IORING_OP_NOP, IORING_OP_FSYNC, IORING_OP_FALLOCATE, IORING_OP_SEND})
    EXPECT_EQ(op_of(prepare(sqe, other)), std::nullopt) << other;
}

TEST(HintSqe, PriorityAndFlagsAreKept) {
  io_uring_sqe sqe = {};
  prepare(sqe, IORING_OP_READ);
  EXPECT_EQ(set_sqe_ioprio(sqe, Class::kPrefetch), 0);
  EXPECT_EQ(sqe.ioprio, encode({PrioClass::kBestEffort, 4, Class::kPrefetch}));
  sqe.ioprio = encode({PrioClass::kRealTime, 2, Class::kNormal});
  EXPECT_EQ(set_sqe_ioprio(sqe, Class::kDecode), 0);
  EXPECT_EQ(sqe.ioprio, encode({PrioClass::kRealTime, 2, Class::kDecode}));

  sqe.rw_flags = 0x8;
  set_sqe_rwf(sqe, Class::kDecode);
  EXPECT_EQ(static_cast<std::uint32_t>(sqe.rw_flags), 0x2008U);
  set_sqe_rwf(sqe, Class::kPrefill);
  EXPECT_EQ(static_cast<std::uint32_t>(sqe.rw_flags), 0x8008U);
}

TEST(HintSqe, ItIsMarkedByTheCarrierOfItsFile) {
  io_uring_sqe sqe = {};
  prepare(sqe, IORING_OP_READ);
  const io_uring_sqe plain = sqe;
  EXPECT_EQ(mark(sqe, Class::kDecode, Carrier::kNone), 0);
  EXPECT_TRUE(same(sqe, plain));
  EXPECT_EQ(mark(sqe, Class::kDecode, Carrier::kRwf), 0);
  EXPECT_EQ(sqe.ioprio, 0);
  EXPECT_EQ(static_cast<std::uint32_t>(sqe.rw_flags), kRwfDecode);
  prepare(sqe, IORING_OP_WRITE);
  EXPECT_EQ(mark(sqe, Class::kPrefill, Carrier::kAttr), 0);
  EXPECT_EQ(sqe.addr3, reinterpret_cast<std::uintptr_t>(&class_attribute(Class::kPrefill)));
  EXPECT_EQ(class_attribute(Class::kPrefill).io_class, KAIRO_CLASS_PREFILL);
  EXPECT_EQ(sqe.__pad2[0], KAIRO_RW_ATTR_FLAG);
  EXPECT_EQ(static_cast<std::uint32_t>(sqe.rw_flags), 0U);
  prepare(sqe, IORING_OP_READ);
  EXPECT_EQ(mark(sqe, Class::kPrefetch, Carrier::kIoprio), 0);
  EXPECT_EQ(class_of_ioprio(sqe.ioprio), Class::kPrefetch);
  EXPECT_EQ(static_cast<std::uint32_t>(sqe.rw_flags), 0U);
}

// An entry that nobody has prepared would lose the hint when somebody does.
TEST(HintSqe, AHintComesAfterThePreparation) {
  for (const Carrier carrier : kCarriers) {
    io_uring_sqe sqe = {};
    EXPECT_EQ(mark(sqe, Class::kDecode, carrier), EINVAL);
    EXPECT_TRUE(same(sqe, io_uring_sqe{}));
  }
  // What the functions say of themselves: io_uring_prep_*() clears all that they set.
  io_uring_sqe sqe = {};
  for (const Carrier carrier : {Carrier::kAttr, Carrier::kRwf, Carrier::kIoprio}) {
    const io_uring_sqe plain = prepare(sqe, IORING_OP_READ);
    EXPECT_EQ(mark(sqe, Class::kDecode, carrier), 0);
    EXPECT_FALSE(same(sqe, plain));
    EXPECT_TRUE(same(prepare(sqe, IORING_OP_READ), plain));
  }
}

TEST(HintSqe, AClassOfTheOtherDirectionIsRefusedAlikeByEachCarrier) {
  for (const unsigned opcode : {IORING_OP_READ, IORING_OP_READV, IORING_OP_READ_FIXED,
                                IORING_OP_WRITE, IORING_OP_WRITEV, IORING_OP_WRITE_FIXED}) {
    for (std::size_t c = 0; c < kClasses; ++c) {
      const auto cls = static_cast<Class>(c);
      for (const Carrier carrier : kCarriers) {
        io_uring_sqe sqe = {};
        const io_uring_sqe plain = prepare(sqe, opcode);
        const bool suits = allowed(cls, *op_of(sqe));
        EXPECT_EQ(mark(sqe, cls, carrier), suits ? 0 : EINVAL) << opcode << name(cls);
        EXPECT_TRUE(suits || same(sqe, plain)) << opcode << name(cls);
      }
    }
  }
  // The kernel would take these as normal, without a word.
  io_uring_sqe sqe = {};
  prepare(sqe, IORING_OP_WRITE);
  EXPECT_EQ(set_sqe_ioprio(sqe, Class::kDecode), EINVAL);
  EXPECT_EQ(sqe.ioprio, 0);
  EXPECT_EQ(set_sqe_ioprio(sqe, Class::kEvict), 0);  // the clean-up behind an eviction
  EXPECT_EQ(class_of_ioprio(sqe.ioprio), Class::kEvict);
  prepare(sqe, IORING_OP_READ);
  EXPECT_EQ(set_sqe_ioprio(sqe, Class::kPrefill), EINVAL);
  EXPECT_EQ(set_sqe_ioprio(sqe, Class::kEvict), EINVAL);
}

TEST(HintSqe, TheAttributeHasItsPlace) {
  const kairo_rw_attr attr = attribute(Class::kPrefetch, 77, 1500);
  EXPECT_EQ(attr.size, 32);
  EXPECT_EQ(attr.version, 1);
  EXPECT_EQ(attr.io_class, KAIRO_CLASS_PREFETCH);
  EXPECT_EQ(attr.context, 77);
  EXPECT_EQ(attr.deadline_us, 1500U);
  io_uring_sqe sqe = {};
  set_sqe_attribute(sqe, attr);
  // attr_ptr and attr_type_mask, as mainline has them.
  std::uint64_t words[8];
  static_assert(sizeof(words) == sizeof(sqe));
  std::memcpy(words, &sqe, sizeof(sqe));
  EXPECT_EQ(words[6], reinterpret_cast<std::uintptr_t>(&attr));
  EXPECT_EQ(words[7], 1ULL << 48);
  EXPECT_EQ(sizeof(kairo_context_info), 40U);
  EXPECT_EQ(sizeof(kairo_context_reg), 64U);
}

// A text in one line, without the marks of comments.
std::string flowing(const char* file) {
  std::string text = base::read_file(std::string(KAIRO_SOURCE_DIR) + file).value_or("");
  text = std::regex_replace(text, std::regex("\n\\s*(//|\\*)?"), " ");
  return std::regex_replace(text, std::regex(" +"), " ");
}

// How long an attribute must live is said once and repeated word by word.
TEST(HintSqe, TheLifeOfAnAttributeIsOneRule) {
  const std::string rule =
      "The attribute must stay as it is until the kernel has consumed its SQE. io_uring_enter(2) "
      "has consumed those that it counts when it returns; with IORING_SETUP_SQPOLL a kernel thread "
      "does so later: wait until the head of the submission queue has passed the SQE, or for the "
      "completion of the I/O.";
  for (const char* const file :
       {"/uapi/include/kairo/hint.hpp", "/uapi/include/linux/kairo.h", "/docs/walk-runtime.md"}) {
    const std::string text = flowing(file);
    const std::size_t at = text.find(rule);
    ASSERT_NE(at, std::string::npos) << file;
    // And no other.
    for (const char* const words : {"must stay", "submission has returned"})
      for (auto more = text.find(words); more != std::string::npos;
           more = text.find(words, more + 1))
        EXPECT_TRUE(more >= at && more < at + rule.size()) << file << ": " << text.substr(more, 80);
  }
}

}  // namespace
}  // namespace kairo::hint
