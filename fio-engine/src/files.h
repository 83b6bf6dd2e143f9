// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <vector>

#include "job.h"
#include "ring.h"

namespace kairo::engine {

// The files of a job: opened, registered, and told their class where the carrier is not in the I/O.
class Files {
 public:
  // Both must outlive it.
  Files(const Job& job, Ring& ring) : job_(job), ring_(ring) {}

  // registerfiles=1: opens all of them for the ring.
  base::Status register_all();
  [[nodiscard]] bool registered() const { return !fds_.empty(); }
  void close_registered();

  // fio's hooks. Afterwards engine_pos is what the ring's entries call the file: its descriptor, or
  // its registered number.
  int open(fio_file* file);
  int close(fio_file* file);

 private:
  int open_for_io(fio_file* file);
  int set_classes_of(const fio_file* file);

  const Job& job_;
  Ring& ring_;
  std::vector<int> fds_;                // registered: by file number
  std::vector<std::uint32_t> regions_;  // kv_path=region: by file number, 0: none
};

}  // namespace kairo::engine
