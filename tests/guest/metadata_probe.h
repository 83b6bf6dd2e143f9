// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "../../fio-engine/src/ring.h"
#include "kairo/hint.hpp"

// Runs in the guest: reads and writes with attributes on a ring and a file of its own. Whatever
// fails ends the program with status 1 and says what.
namespace kairo::testing {

constexpr unsigned kDepth = 64;
constexpr unsigned kBytes = 65536;

[[noreturn]] void die(const std::string& what);
void expect(bool good, const std::string& what);
void expect_equal(long got, long wanted, const std::string& what);

// An open device and a ring of kDepth requests.
class Session {
 public:
  explicit Session(const std::string& device, int more_flags = 0);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Request `index` < kDepth becomes a read or write of the block with that number; the caller may
  // change the entry before submit().
  io_uring_sqe& prepare(unsigned index, bool write);
  // Submits `count` prepared requests and waits for all of them; results by request.
  std::vector<int> submit_and_wait(unsigned count);
  void submit(unsigned count);
  std::vector<int> wait_for(unsigned count);

  // Result of one request with an attribute.
  int one(bool write, const kairo_rw_attr& attr);
  // Result of one request without, at an offset; `change` may alter its entry.
  using Change = std::function<void(io_uring_sqe&)>;
  int at(bool write, std::uint64_t offset, const Change& change = {});
  // Positive: the id. Negative: an errno.
  int register_context(kairo_context_reg& reg);
  int unregister_context(unsigned id);

  // 0 or a negative errno.
  int register_region(kairo_region_reg& reg);
  int unregister_region(std::uint32_t id);

  engine::Ring& ring() { return ring_; }
  [[nodiscard]] int fd() const { return fd_; }
  // The memory of the requests, kDepth * kBytes.
  [[nodiscard]] char* buffer() { return buffer_; }
  // The ring lives on without the file.
  void close_file();

 private:
  int fd_ = -1;
  char* buffer_ = nullptr;
  engine::Ring ring_;
};

using Scenarios = std::map<std::string, std::function<void(const std::string&)>>;

// What `PROGRAM SCENARIO DEVICE` names; with anything else it prints the usage. The exit status.
int run_scenario(const Scenarios& scenarios, int argc, char** argv, const char* usage);

// What regions do; what they cost, and that nothing is lost when rings and inodes go at once.
Scenarios region_scenarios();
Scenarios region_load_scenarios();
// Where writes of contexts go.
Scenarios placement_scenarios();
// Who may use a context that is for all rings of a process, and when it ends.
Scenarios process_scenarios();
// How long the attribute of a submission must stay.
Scenarios lifetime_scenarios();
// What one user can do to others.
Scenarios rights_scenarios();

// A line of the kernel's file of counters of regions.
long region_counter(const std::string& name);

kairo_context_reg context(std::uint64_t session, unsigned lifetime);

// What the flags of the attribute do.
Scenarios semantics_scenarios();

// Random entries, attributes, registrations, flags of system calls, priorities and classes of
// files, the same for the same seed: none may crash the kernel, and what is refused is refused with
// an errno of the interface.
void fuzz(const std::string& device, std::uint64_t seed, unsigned rounds);

}  // namespace kairo::testing
