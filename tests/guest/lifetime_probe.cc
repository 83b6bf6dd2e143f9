// SPDX-License-Identifier: GPL-2.0-only
// How long the attribute of a submission must stay as it is: see metadata_test.cc.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <fstream>
#include <memory>

#include "metadata_counts.h"
#include "metadata_probe.h"

namespace kairo::testing {
namespace {

using hint::Class;

constexpr unsigned kTries = metadata_counts::kSpoilt;

// Reads of a device, each with the same attribute, which is spoilt at a time of the test's choice.
class Reads {
 public:
  Reads(const std::string& device, bool sqpoll)
      : fd_(::open(device.c_str(), O_RDONLY | O_DIRECT)),
        buffer_(std::aligned_alloc(kBytes, kBytes), &std::free),
        sqpoll_(sqpoll) {
    expect(fd_ >= 0 && buffer_ != nullptr, device);
    const auto opened = ring_.open({.depth = 8, .sqpoll = sqpoll});
    if (!opened) die(opened.error().message);
  }
  ~Reads() {
    ring_.close();
    ::close(fd_);
  }
  Reads(const Reads&) = delete;
  Reads& operator=(const Reads&) = delete;

  // A read is handed over and `wait` called; then its attribute says what no kernel takes. Its
  // result.
  template <class Wait>
  int read(Wait wait) {
    attribute_ = hint::attribute(Class::kDecode);
    io_uring_sqe& sqe = ring_.sqe(0);
    sqe = {};
    sqe.opcode = IORING_OP_READ;
    sqe.fd = fd_;
    sqe.addr = reinterpret_cast<std::uintptr_t>(buffer_.get());
    sqe.len = kBytes;
    hint::set_sqe_attribute(sqe, attribute_);
    // Only now may the kernel's thread see it.
    ring_.push(0);
    hand_over();
    ++handed_over_;
    wait();
    attribute_.size = 1;
    wait_for_completion();
    ring_.take(1);
    const int result = ring_.cqe(ring_.cq_head()).res;
    ring_.cq_advance(1);
    return result;
  }

  void wait_for_completion() {
    while (ring_.cq_ready() == 0)
      expect(ring_.enter(0, 1, IORING_ENTER_GETEVENTS) >= 0, "waiting for the completion");
  }
  void wait_for_head() const {
    for (unsigned tries = 0; head() != handed_over_; ++tries) {
      expect(tries < 100'000, "the head of the queue stands still");
      ::usleep(10);
    }
  }

 private:
  // As io_uring_submit(3).
  void hand_over() {
    if (!sqpoll_)
      expect_equal(ring_.enter(1, 0, 0), 1, "io_uring_enter");
    else if (ring_.needs_wakeup())
      ring_.enter(1, 0, IORING_ENTER_SQ_WAKEUP);
  }
  // Of the submission queue, as the kernel has it.
  [[nodiscard]] unsigned head() const {
    std::ifstream info(fmt::format("/proc/self/fdinfo/{}", ring_.fd()));
    for (std::string word; info >> word;) {
      unsigned value = 0;
      if (word == "SqHead:" && info >> value) return value;
    }
    die("no SqHead in the ring's fdinfo");
  }

  int fd_;
  std::unique_ptr<void, decltype(&std::free)> buffer_;
  bool sqpoll_;
  unsigned handed_over_ = 0;
  kairo_rw_attr attribute_ = {};
  engine::Ring ring_;
};

void an_attribute_stays_until_its_sqe_is_consumed(const std::string& device) {
  Reads plain(device, false), thread(device, true);
  for (unsigned i = 0; i < kTries; ++i) {
    expect_equal(plain.read([] {}), kBytes, "io_uring_enter has returned");
    expect_equal(thread.read([&] { thread.wait_for_head(); }), kBytes, "the head has passed");
    expect_equal(thread.read([&] { thread.wait_for_completion(); }), kBytes, "it is complete");
  }
}

// With the kernel's thread the return of the call alone is too early.
void a_return_is_too_early_with_sqpoll(const std::string& device) {
  Reads thread(device, true);
  unsigned spoilt = 0;
  for (unsigned i = 0; i < kTries; ++i) spoilt += thread.read([] {}) == -EINVAL ? 1U : 0U;
  expect(spoilt > 0, "every attribute was read before io_uring_enter returned");
}

}  // namespace

Scenarios lifetime_scenarios() {
  return {{"lifetime", an_attribute_stays_until_its_sqe_is_consumed},
          {"too_early", a_return_is_too_early_with_sqpoll}};
}

}  // namespace kairo::testing
