// SPDX-License-Identifier: GPL-2.0-only
// stack_probe mapped NAME SECTORS TARGET PARAMETERS | array LEVEL DEVICE... | loop BACKING BLOCK
// makes a device and prints its path; stack_probe send DEVICE: see stack_test.cc.
// stack_probe hinted CLASS COMMAND... runs a command whose I/O priority has a hint.
#include "stack_probe.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "metadata_probe.h"
#include "stack_counts.h"

namespace kairo::testing {
namespace {

namespace counts = stack_counts;
using hint::attribute;
using hint::Class;

// Prime numbers of I/Os of 64 KiB, one at a time, by each way to say what an I/O is.
void send(const std::string& device) {
  Session io(device, O_DIRECT);
  kairo_context_reg reg = context(11, KAIRO_LIFETIME_SESSION);
  const auto id = static_cast<std::uint16_t>(io.register_context(reg));
  const kairo_rw_attr decode = attribute(Class::kDecode, id);
  kairo_rw_attr prefill = attribute(Class::kPrefill, id);
  hint::set_semantics(prefill, hint::Semantics::kEphemeral);
  kairo_rw_attr evict = attribute(Class::kEvict);
  hint::set_semantics(evict, hint::Semantics::kEvictCleanup);

  const struct {
    const char* what;
    unsigned number;
    bool write;
    Session::Change change;
  } kinds[] = {
      {"no hint", counts::kNoHint, false, {}},
      {"decode by priority", counts::kDecodeByPriority, false,
       [](auto& s) { hint::set_sqe_ioprio(s, Class::kDecode); }},
      {"prefetch by flag", counts::kPrefetchByFlag, false,
       [](auto& s) { hint::set_sqe_rwf(s, Class::kPrefetch); }},
      {"prefill by flag", counts::kPrefillByFlag, true,
       [](auto& s) { hint::set_sqe_rwf(s, Class::kPrefill); }},
      {"decode of a context", counts::kDecodeOfContext, false,
       [&](auto& s) { hint::set_sqe_attribute(s, decode); }},
      {"prefill of a context", counts::kPrefillOfContext, true,
       [&](auto& s) { hint::set_sqe_attribute(s, prefill); }},
      {"cleaning up", counts::kCleanUp, true, [&](auto& s) { hint::set_sqe_attribute(s, evict); }},
  };
  std::uint64_t place = 0;
  for (const auto& kind : kinds)
    for (unsigned i = 0; i < kind.number; ++i, place += 3 * kBytes)
      expect_equal(io.at(kind.write, place, kind.change), kBytes, kind.what);
  for (unsigned i = 0; i < counts::kDiscards; ++i) {
    std::uint64_t range[2] = {place + 3 * i * kBytes, kBytes};
    expect_equal(::ioctl(io.fd(), BLKDISCARD, range), 0, "a discard");
  }
}

void run_hinted(const std::string& cls, std::vector<std::string> command) {
  const auto hinted = hint::parse_class(cls);
  expect(hinted.has_value(), cls + " is no class");
  expect_equal(hint::set_thread_ioprio({hint::PrioClass::kBestEffort, 4, *hinted}), 0, "ioprio");
  std::vector<char*> arguments;
  for (std::string& word : command) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  ::execvp(arguments[0], arguments.data());
  die(command[0] + ": " + std::strerror(errno));
}

int run(const std::vector<std::string>& words) {
  const std::string what = words.empty() ? "" : words[0];
  if (what == "mapped" && words.size() == 5)
    fmt::print("{}\n", make_mapped(words[1], std::stoull(words[2]), words[3], words[4]));
  else if (what == "array" && words.size() > 2)
    fmt::print("{}\n", make_array(std::stoi(words[1]), {words.begin() + 2, words.end()}));
  else if (what == "loop" && words.size() == 3)
    fmt::print("{}\n", make_loop(words[1], static_cast<unsigned>(std::stoul(words[2]))));
  else if (what == "send" && words.size() == 2)
    send(words[1]);
  else if (what == "hinted" && words.size() > 2)
    run_hinted(words[1], {words.begin() + 2, words.end()});
  else
    return 2;
  return 0;
}

}  // namespace
}  // namespace kairo::testing

int main(int argc, char** argv) {
  const int status = kairo::testing::run({argv + 1, argv + argc});
  if (status == 2) fmt::print(stderr, "stack_probe: mapped, array, loop, send or hinted\n");
  return status;
}
