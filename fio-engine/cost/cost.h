// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "kairo/base/result.h"

// What an I/O costs in fio with this engine and with fio's own io_uring engine: same fio, same
// options, same file, one run. Ratios hold on another machine; figures do not.
namespace kairo::engine {

// One way to run the job.
struct Variant {
  std::string name;                  // in the tables
  std::vector<std::string> options;  // of fio; "--ioengine=..." first
};

// fio's own engine, then kairo with hints off and with each carrier that any kernel takes.
std::vector<Variant> variants(const std::string& engine);

struct Cost {
  std::string name;
  // Instructions of fio and the engine per I/O, counted by callgrind; the kernel's are not in it.
  std::optional<double> instructions;
  std::optional<double> enters;  // io_uring_enter calls per I/O, counted by strace
  // Medians of the repeats.
  std::optional<double> cpu_ns;  // processor time per I/O, user and kernel
  std::optional<double> iops;    // needs an idle machine
};

struct HostRequest {
  std::filesystem::path directory;  // for the data file, 64 MiB
  unsigned depth = 32;
  unsigned batch = 1;    // iodepth_batch and iodepth_batch_complete_max
  unsigned repeats = 5;  // of the timed runs, variants interleaved
};

// Random 4 KiB reads of a file in the page cache, so that nothing but the path is measured.
base::Result<std::vector<Cost>> measure_host(const std::vector<Variant>& variants,
                                             const HostRequest& request);

struct GuestCost {
  std::string name;
  unsigned depth = 0;
  unsigned batch = 0;
  double ns = 0;  // guest time per I/O on a processor that never idles: instructions per I/O
};

struct GuestRequest {
  std::filesystem::path engine;
  std::filesystem::path kernel_image;
  std::vector<unsigned> sweep;  // depths, each with batch 1 and batch = depth
};

// The patched kernel in virtual time, reads of a null block device that completes at once: kernel
// and user space together, exact to the instruction.
base::Result<std::vector<GuestCost>> measure_guest(const GuestRequest& request);

std::string host_table(const std::vector<Cost>& costs);
std::string guest_table(const std::vector<GuestCost>& costs);

}  // namespace kairo::engine
