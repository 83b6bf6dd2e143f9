// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "contexts.h"
#include "job.h"
#include "ring.h"
#include "slot.h"

namespace kairo::engine {

// kv_path=attr: what the attribute of each I/O says, and the contexts behind it. Of another carrier
// it is empty and costs nothing.
class Attributes {
 public:
  // Registers the job's contexts with its ring. `records` are those of a replay, else null; they
  // and `job` must outlive this.
  base::Status set_up(const Job& job, Ring& ring, const std::vector<Record>* records);

  // Of the entries of reads and writes: 0 unless kv_path=attr.
  [[nodiscard]] std::uint64_t mask() const { return mask_; }
  // Where the kernel reads what an I/O of the class says. It does so when it takes the I/O, with a
  // polling thread at any time.
  [[nodiscard]] std::uint64_t address(std::size_t cls) const {
    return reinterpret_cast<std::uint64_t>(&by_class_[cls]);
  }
  // Whether they differ from I/O to I/O: fill() has to be called for each.
  [[nodiscard]] bool differ() const { return !own_.empty(); }
  // The attribute of this I/O alone, which stays until the slot is used again; where it is.
  // `now_ns` is on fio's clock.
  std::uint64_t fill(const io_u* io, const Slot& slot, std::uint64_t now_ns);

  void unregister(Ring& ring);
  [[nodiscard]] std::optional<Sidecar::Carried> carried() const;

 private:
  base::Status register_contexts(Ring& ring);
  std::uint16_t context_of(const io_u* io, const Slot& slot);

  const Job* job_ = nullptr;
  const std::vector<Record>* records_ = nullptr;
  std::uint64_t mask_ = 0;
  std::array<kairo_rw_attr, hint::kClasses> by_class_ = {};
  std::vector<kairo_rw_attr> own_;  // by slot
  std::optional<Contexts> contexts_;
  std::vector<std::uint16_t> ids_;  // to unregister
};

}  // namespace kairo::engine
