// SPDX-License-Identifier: GPL-2.0-only
// What users without privileges can do to others: see rights_test.cc.
#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <signal.h>
#include <sys/wait.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <vector>

#include "metadata_probe.h"
#include "rights_counts.h"

namespace kairo::testing {
namespace {

namespace counts = rights_counts;
using hint::Class;
using hint::Semantics;

constexpr uid_t kFirst = 1001, kSecond = 1002;
constexpr std::uint64_t kPage = 4096;

void become(uid_t user) {
  expect(::setgroups(0, nullptr) == 0 && ::setgid(user) == 0 && ::setuid(user) == 0, "setuid");
}

long number_in(const std::string& path) {
  std::ifstream in(path);
  long number = -1;
  expect(static_cast<bool>(in >> number), path + ": no number");
  return number;
}

// `work` in a process of its own; what fails there fails here.
pid_t start(const std::function<void()>& work) {
  const pid_t child = ::fork();
  expect(child >= 0, "fork");
  if (child > 0) return child;
  work();
  std::fflush(stdout);
  std::_Exit(0);
}

void expect_good_end(pid_t child, const char* who) {
  int status = 0;
  expect(::waitpid(child, &status, 0) == child && status == 0, fmt::format("{} failed", who));
}

// All that a user may have, in two rings; `patient` where another process of the user has just
// ended: its rings go a little later. Leaves the rings open.
struct Full {
  Full(const std::string& device, bool patient)
      : contexts(device, O_DIRECT), regions(device, O_DIRECT) {
    const long context_limit = number_in("/proc/sys/user/max_kairo_contexts");
    const long region_limit = number_in("/proc/sys/user/max_kairo_regions");
    fill(context_limit, patient, "contexts", [&](long) {
      kairo_context_reg reg = context(1, KAIRO_LIFETIME_SHORT);
      const int result = contexts.register_context(reg);
      return result > 0 ? 0 : result;
    });
    fill(region_limit, patient, "regions", [&](long i) {
      kairo_region_reg reg = hint::region(regions.fd(), static_cast<std::uint64_t>(i) * kPage,
                                          kPage, Class::kDecode, Class::kPrefill);
      return regions.register_region(reg);
    });
  }

  static void fill(long limit, bool patient, const char* what,
                   const std::function<int(long)>& add) {
    unsigned refused = 0;
    for (long i = 0; i < limit;) {
      const int result = add(i);
      if (result == 0) {
        ++i;
        continue;
      }
      expect_equal(result, -ENOSPC, what);
      expect(patient && ++refused < 5000, fmt::format("only {} of {} {}", i, limit, what));
      ::usleep(1000);
    }
    expect_equal(add(limit), -ENOSPC, fmt::format("{}: one too many", what));
  }

  Session contexts, regions;
};

// One user has all that it may; another gets as much, and the I/O of both goes on. When the first
// is killed, what it had is there again, and so is the memory, which its control group paid.
void limits_are_of_one_user(const std::string& device) {
  const std::string group = "/tmp/cg/first/";
  const auto used = [&] { return number_in(group + "memory.current"); };
  int ready[2];
  expect(::pipe(ready) == 0, "pipe");
  const long before = used();
  const pid_t first = start([&] {
    std::ofstream(group + "cgroup.procs") << "0" << std::flush;
    become(kFirst);
    Full full(device, false);
    expect_equal(full.regions.at(false, 0), kBytes, "a read of the first");
    expect(::write(ready[1], "x", 1) == 1, "the pipe");
    ::pause();
  });
  ::close(ready[1]);
  char byte = 0;
  expect(::read(ready[0], &byte, 1) == 1, "the first user failed");
  const long full = used();
  expect(full - before > 96 * number_in("/proc/sys/user/max_kairo_regions"),
         fmt::format("the group paid {} bytes", full - before));

  expect_good_end(start([&] {
                    become(kSecond);
                    Full second(device, false);
                    expect_equal(second.regions.at(false, 0), kBytes, "a read of the second");
                  }),
                  "the second user");

  expect(::kill(first, SIGKILL) == 0, "kill");
  int status = 0;
  expect(::waitpid(first, &status, 0) == first, "the first user");
  for (unsigned tries = 0; used() - before > (full - before) / 8; ++tries) {
    expect(tries < 5000,
           fmt::format("{} of {} bytes are still charged", used() - before, full - before));
    ::usleep(1000);
  }
  expect_good_end(start([&] {
                    become(kFirst);
                    Full again(device, true);
                  }),
                  "the first user, again");
  fmt::print("charged {} then {}\n", full - before, used() - before);
}

// As many contexts as a user may have, until there are no more; says how many on the pipe.
void fill_contexts(const std::string& device, uid_t user, int pipe) {
  become(user);
  Session io(device, O_DIRECT);
  kairo_context_reg reg = context(1, KAIRO_LIFETIME_SHORT);
  int result = 1;
  long had = -1;
  for (; result > 0; ++had) {
    reg = context(1, KAIRO_LIFETIME_SHORT);
    result = io.register_context(reg);
  }
  expect_equal(result, -ENOSPC, "one too many");
  expect(::write(pipe, &had, sizeof(had)) == sizeof(had), "the pipe");
  ::pause();
}

// Seventeen users take all that there is for users; what is left is the administrator's.
void ids_are_left_for_root(const std::string& device) {
  constexpr long kForUsers = 65535 - 4096, kUsers = 17;
  int pipes[2];
  expect(::pipe(pipes) == 0, "pipe");
  std::vector<pid_t> users;
  long total = 0;
  for (long i = 0; i < kUsers; ++i) {
    users.push_back(start([&] { fill_contexts(device, 2001U + static_cast<uid_t>(i), pipes[1]); }));
    long had = -1;
    expect(::read(pipes[0], &had, sizeof(had)) == sizeof(had), "a user failed");
    total += had;
  }
  expect_equal(total, kForUsers, "contexts of all users");
  Session io(device, O_DIRECT);
  for (unsigned i = 0; i < 4096; ++i) {
    kairo_context_reg reg = context(1, KAIRO_LIFETIME_PERSISTENT);
    expect(io.register_context(reg) > 0, fmt::format("root has only {}", i));
  }
  for (const pid_t user : users) expect(::kill(user, SIGKILL) == 0, "kill");
  for (const pid_t user : users) ::waitpid(user, nullptr, 0);
}

// What a user is given says nothing about how much others have registered.
void numbers_tell_nothing(const std::string& device) {
  Session io(device, O_DIRECT);
  std::set<int> ids;
  std::set<std::uint64_t> numbers;
  std::size_t next_to_another = 0;
  for (unsigned i = 0; i < 997; ++i) {
    kairo_context_reg reg = context(1, KAIRO_LIFETIME_SHORT);
    const int id = io.register_context(reg);
    expect(id > 0, "a context");
    next_to_another += ids.count(id - 1) + ids.count(id + 1);
    expect(ids.insert(id).second, "an id twice");
    expect(numbers.insert(reg.seq).second, "a sequence number twice");
  }
  // By chance 30 of them are, in a row all of them would be.
  expect(next_to_another < 150, fmt::format("{} of 997 ids are in a row", next_to_another));
  expect(*numbers.rbegin() - *numbers.begin() > 1ULL << 60U, "sequence numbers are in a row");
}

// A descriptor that root opened with O_DSYNC and another one without, used by a user.
void durability_is_the_openers(const std::string& device) {
  kairo_rw_attr attr = hint::attribute(Class::kPrefill);
  hint::set_semantics(attr, Semantics::kNoDurability);
  Session lasting(device, O_DIRECT | O_DSYNC), plain(device, O_DIRECT);
  expect_equal(lasting.one(true, attr), kBytes, "root on its own descriptor");
  become(kFirst);
  expect_equal(lasting.one(true, attr), -EPERM, "a user on root's descriptor");
  expect_equal(plain.one(true, attr), kBytes, "nothing to waive");
  Session own(device, O_DIRECT | O_DSYNC);
  expect_equal(own.one(true, attr), kBytes, "a user on its own descriptor");
}

// Writes of a user that waive O_DSYNC among root's that do not: each has what it asked for.
void flags_are_of_one_io(const std::string& device) {
  const pid_t child = start([&] {
    become(kFirst);
    Session io(device, O_DIRECT | O_DSYNC);
    kairo_rw_attr attr = hint::attribute(Class::kPrefill);
    hint::set_semantics(attr, Semantics::kNoDurability | Semantics::kEphemeral);
    for (unsigned i = 0; i < counts::kPrefill; ++i)
      expect_equal(io.one(true, attr), kBytes, "a write");
    kairo_rw_attr evict = hint::attribute(Class::kEvict);
    hint::set_semantics(evict, Semantics::kNoDurability | Semantics::kEvictCleanup);
    for (unsigned i = 0; i < counts::kCleanUp; ++i)
      expect_equal(io.one(true, evict), kBytes, "a clean-up");
  });
  Session io(device, O_DIRECT | O_DSYNC);
  for (unsigned i = 0; i < counts::kDurable; ++i)
    expect_equal(io.at(true, 0), kBytes, "a durable write");
  expect_good_end(child, "the user");
}

// Who may do I/O to a disk may not say how it is scheduled, or look at what others do.
void settings_are_of_root(const std::string& device) {
  const std::string name = std::filesystem::path(device).filename();
  const std::string sched = "/sys/kernel/debug/block/" + name + "/sched/counters";
  expect(::open(sched.c_str(), O_RDONLY) >= 0, "root cannot read " + sched);
  become(kFirst);
  unsigned files = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator("/sys/block/" + name + "/queue/iosched")) {
    expect(::open(entry.path().c_str(), O_WRONLY) < 0 && errno == EACCES, entry.path().string());
    ++files;
  }
  expect(files >= 10, "the scheduler's files");
  for (const char* const limit : {"contexts", "regions"}) {
    const std::string path = fmt::format("/proc/sys/user/max_kairo_{}", limit);
    expect(::open(path.c_str(), O_WRONLY) < 0 && errno == EACCES, path);
  }
  for (const std::string& path : {sched, std::string("/sys/kernel/debug/io_uring_kv/regions"),
                                  std::string("/sys/kernel/tracing/events/kairo/enable")})
    expect(::open(path.c_str(), O_RDONLY) < 0 && errno == EACCES, path);
  Session io(device, O_DIRECT);
  expect_equal(io.at(false, 0, [](io_uring_sqe& sqe) { hint::set_sqe_rwf(sqe, Class::kDecode); }),
               kBytes, "a decode read");
}

}  // namespace

Scenarios rights_scenarios() {
  return {{"rights_limits", limits_are_of_one_user},    {"rights_flags", flags_are_of_one_io},
          {"rights_reserve", ids_are_left_for_root},    {"rights_numbers", numbers_tell_nothing},
          {"rights_opener", durability_is_the_openers}, {"rights_settings", settings_are_of_root}};
}

}  // namespace kairo::testing
