// SPDX-License-Identifier: GPL-2.0-only
// What regions cost, and regions whose rings and inodes go at the same time: see region_test.cc.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/wait.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <random>

#include "metadata_probe.h"

namespace kairo::testing {
namespace {

using hint::Class;
using hint::region;

constexpr std::uint64_t kPage = 4096;

template <typename Work>
std::int64_t elapsed_ns(const Work& work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return (std::chrono::steady_clock::now() - begin) / std::chrono::nanoseconds(1);
}

// Every second page is a region. Prints, in the guest's time, what a read costs that is inside one
// and one that is outside, and what the first and the last 1000 registrations cost each.
void cost_with(const std::string& device, unsigned regions) {
  constexpr unsigned kBatches = 50, kSome = 1000;
  Session io(device, O_DIRECT);
  std::mt19937_64 random(regions);
  const auto add = [&](unsigned from, unsigned to) {
    return elapsed_ns([&] {
      for (unsigned i = from; i < to; ++i) {
        kairo_region_reg reg = region(io.fd(), i * 2 * kPage, kPage, Class::kDecode);
        expect_equal(io.register_region(reg), 0, "a region");
      }
    });
  };
  const unsigned first = std::min(regions, kSome);
  const std::int64_t first_ns = add(0, first);
  add(first, std::max(first, regions - std::min(regions, kSome)));
  const unsigned last = std::max(first, regions - std::min(regions, kSome));
  const std::int64_t last_ns = add(last, regions);

  const auto read_ns = [&](std::uint64_t shift) {
    // The median, since what the kernel put off while regions were added is done in one of them.
    std::vector<std::int64_t> batches(kBatches);
    for (std::int64_t& batch_ns : batches) {
      for (unsigned i = 0; i < kDepth; ++i) {
        io_uring_sqe& sqe = io.prepare(i, false);
        sqe.len = kPage;
        sqe.off = random() % std::max(regions, 1U) * 2 * kPage + shift;
      }
      std::vector<int> results;
      batch_ns = elapsed_ns([&] { results = io.submit_and_wait(kDepth); });
      for (const int result : results) expect_equal(result, kPage, "a read");
    }
    std::nth_element(batches.begin(), batches.begin() + kBatches / 2, batches.end());
    return batches[kBatches / 2] / kDepth;
  };
  const std::int64_t inside_ns = read_ns(0), outside_ns = read_ns(kPage);
  fmt::print("regions {} inside_ns {} outside_ns {} first_ns {} last_ns {}\n", regions, inside_ns,
             outside_ns, first == 0 ? 0 : first_ns / first,
             last == regions ? 0 : last_ns / (regions - last));
  std::fflush(stdout);
}

void what_regions_cost(const std::string& device) {
  for (const unsigned regions : {0U, 1U, 1000U, 100'000U}) cost_with(device, regions);
  expect(region_counter("registered") == 101'001, "not all were registered");
}

// One file out of a few for each round: others delete it, write to it and have regions in it. The
// ring and the file go with regions in them, in turns one before the other.
class Churn {
 public:
  Churn(std::string folder, unsigned seed) : folder_(std::move(folder)), random_(seed) {}

  void round() {
    const std::string path = fmt::format("{}/f{}", folder_, below(4));
    const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_DIRECT, 0600);
    expect(fd >= 0, "open");
    if (::posix_fallocate(fd, 0, kPages * kPage) != 0) die("fallocate");
    const bool file_first = below(2) == 0;
    {
      Session io("/dev/null");
      std::vector<std::uint32_t> ids;
      for (unsigned i = 0; i < 150; ++i) change_regions(io, fd, ids);
      for (unsigned i = 0; i < 16; ++i) {
        io_uring_sqe& sqe = io.prepare(i, below(2) == 0);
        sqe.fd = fd;
        sqe.len = static_cast<std::uint32_t>((1 + below(3)) * kPage);
        sqe.off = below(kPages) * kPage;
        if (below(2) == 0) sqe.flags = IOSQE_ASYNC;
      }
      io.submit(16);
      for (unsigned i = 0; i < 50; ++i) change_regions(io, fd, ids);
      io.wait_for(16);
      if (below(2) == 0) ::unlink(path.c_str());
      if (file_first) ::close(fd);
      if (below(8) == 0) std::ofstream("/proc/sys/vm/drop_caches") << "2\n";
    }
    if (!file_first) ::close(fd);
  }

 private:
  std::uint64_t below(unsigned limit) { return random_() % limit; }

  void change_regions(Session& io, int fd, std::vector<std::uint32_t>& ids) {
    kairo_region_reg reg = region(fd, below(kPages) * kPage, kPage, Class::kDecode);
    const int result = io.register_region(reg);
    expect(result == 0 || result == -EEXIST, fmt::format("a region: {}", result));
    if (result == 0) ids.push_back(reg.id);
    if (ids.empty() || below(3) != 0) return;
    expect_equal(io.unregister_region(ids.back()), 0, "unregister");
    ids.pop_back();
  }

  static constexpr unsigned kPages = 256;

  std::string folder_;
  std::mt19937_64 random_;
};

void rings_and_inodes_go_at_once(const std::string& folder) {
  std::vector<pid_t> workers;
  for (unsigned seed = 1; seed <= 3; ++seed) {
    const pid_t pid = ::fork();
    expect(pid >= 0, "fork");
    if (pid == 0) {
      Churn churn(folder, seed);
      for (unsigned i = 0; i < 60; ++i) churn.round();
      std::_Exit(0);
    }
    workers.push_back(pid);
  }
  for (const pid_t pid : workers) {
    int status = 0;
    expect(::waitpid(pid, &status, 0) == pid && status == 0, "a worker failed");
  }
  fmt::print("{} regions came and went\n", region_counter("registered"));
}

// Contexts and regions as long as there is memory for them; says how many, every 1,000. It runs in
// a control group with little, which ends it or refuses.
void as_many_as_there_is_memory(const std::string& device) {
  Session io(device, O_DIRECT);
  for (unsigned i = 0;; ++i) {
    expect(i < 200'000, "200,000 regions were not accounted");
    kairo_context_reg whose = context(i, KAIRO_LIFETIME_NONE);
    const int id = io.register_context(whose);
    kairo_region_reg reg = region(io.fd(), i * kPage, kPage, Class::kDecode);
    const int result = id < 0 && id != -ENOSPC ? id : io.register_region(reg);
    if (result != 0) expect_equal(result, -ENOMEM, fmt::format("region {}", i));
    if (i % 1000 == 0 || result != 0) fmt::print("regions {}\n", i);
    std::fflush(stdout);
    if (result != 0) return;
  }
}

// Bytes of slabs that the process's control group pays for.
long slab_bytes() {
  std::ifstream in("/tmp/cg/files/memory.stat");
  std::string word;
  long number = 0;
  while (in >> word >> number)
    if (word == "slab") return number;
  die("no slab in memory.stat");
}

// Rings and marks are freed a little later than they are closed.
void expect_slab_below(long limit, const char* what) {
  for (unsigned tries = 0; slab_bytes() > limit; ++tries) {
    expect(tries < 3000, fmt::format("{}: {} bytes, {} at most", what, slab_bytes(), limit));
    ::usleep(1000);
  }
}

// Regions in one file, then one in each of as many files, which others have made. A file with a
// region takes a mark and what connects it to the inode, which nobody else would pay.
void a_region_in_each_file(const std::string& folder) {
  constexpr unsigned kFiles = 2000;
  const auto add = [&](Session& io, unsigned name, std::uint64_t offset) {
    const int fd = ::open(fmt::format("{}/{}", folder, name).c_str(), O_RDWR | O_DIRECT);
    expect(fd >= 0, "open");
    kairo_region_reg reg = region(fd, offset, kPage, Class::kDecode);
    expect_equal(io.register_region(reg), 0, "a region");
    ::close(fd);
  };
  const long before = slab_bytes();
  {
    Session io("/dev/null");
    for (unsigned i = 0; i < kFiles; ++i) add(io, 1, i * kPage);
    const long one = slab_bytes();
    for (unsigned i = 0; i < kFiles; ++i) add(io, 2 + i, 0);
    const long each = slab_bytes();
    fmt::print("bytes of a region {} of a file {}\n", (one - before) / kFiles,
               (each - one - (one - before)) / kFiles);
    // Marks go with the last region of their files, and not with the ring.
    for (std::uint32_t id = 1; id <= 2 * kFiles; ++id)
      expect_equal(io.unregister_region(id), 0, "unregister");
    expect_slab_below(before + 64 * kFiles, "marks are left");
  }
  for (unsigned i = 0; i < kFiles / 4; ++i) {
    Session io("/dev/null");
    add(io, 1, 0);
  }
  expect_slab_below(before + 64 * kFiles, "rings are left");
}

// By a slot of the ring, which has its file afterwards as before.
void regions_of_a_slot(const std::string& device) {
  Session io(device, O_DIRECT);
  const int file = io.fd();
  expect_equal(io.ring().register_with(IORING_REGISTER_FILES, &file, 1), 0, "a slot");
  // As many as there are references to the file: the descriptor's and the slot's.
  for (unsigned i = 0; i < 2; ++i) {
    kairo_region_reg reg = region(0, i * kPage, kPage, Class::kNormal, Class::kPrefill);
    reg.flags = KAIRO_REGION_FIXED_FILE;
    expect_equal(io.register_region(reg), 0, "a region of a slot");
  }
  expect_equal(io.at(false, 0), kBytes, "a read of the file");
}

}  // namespace

Scenarios region_load_scenarios() {
  return {{"region_cost", what_regions_cost},
          {"region_churn", rings_and_inodes_go_at_once},
          {"region_memory", as_many_as_there_is_memory},
          {"region_files", a_region_in_each_file},
          {"region_slot", regions_of_a_slot}};
}

}  // namespace kairo::testing
