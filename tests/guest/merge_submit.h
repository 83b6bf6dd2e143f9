// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <linux/aio_abi.h>

#include <array>
#include <string>
#include <vector>

#include "../../fio-engine/src/ring.h"
#include "merge_plan.h"

namespace kairo::testing {

// A device opened for direct I/O once for each of kFileClasses.
class Files {
 public:
  Files(const std::string& device, bool classes);
  ~Files();
  Files(const Files&) = delete;
  Files& operator=(const Files&) = delete;

  [[nodiscard]] int operator[](unsigned file) const { return fds_[file]; }

 private:
  std::array<int, kFiles> fds_ = {};
};

// Submits batches by libaio and io_uring. Made, used and destroyed by one thread. Whatever cannot
// be submitted ends the program; the results are in the I/Os after wait().
class Submitter {
 public:
  static constexpr unsigned kDepth = 256;

  // The regions of `geometry` are those of its ring.
  Submitter(const Files& files, const Geometry& geometry);
  ~Submitter();
  Submitter(const Submitter&) = delete;
  Submitter& operator=(const Submitter&) = delete;

  // `data` tells where the bytes of an I/O are. At most kDepth between two calls of wait().
  using Data = char* (*)(const Io&, void* context);
  void submit(const Batch& batch, Data data, void* context);
  void wait();

 private:
  void submit_aio(const std::vector<Io*>& ios, Data data, void* context);
  void submit_ring(const std::vector<Io*>& ios, Data data, void* context);
  iocb& prepare_aio(Io& io, char* data);
  void prepare_ring(Io& io, char* data);
  void reap_aio();
  void reap_ring();

  const Files& files_;
  unsigned block_bytes_;
  bool async_discards_;
  engine::Ring ring_;
  aio_context_t aio_ = 0;
  // By position in the round.
  std::array<iocb, kDepth> iocbs_ = {};
  std::array<kairo_rw_attr, kDepth> attrs_ = {};
  std::array<Io*, kDepth> aio_ios_ = {}, ring_ios_ = {};
  unsigned in_aio_ = 0, in_ring_ = 0, used_aio_ = 0, used_ring_ = 0;
};

}  // namespace kairo::testing
