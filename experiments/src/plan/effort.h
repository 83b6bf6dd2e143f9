// SPDX-License-Identifier: GPL-2.0-only
// How much an experiment is, before it runs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "kairo/experiments/definition.h"

namespace kairo::experiments {

// Of all profiles of a definition together.
struct Effort {
  std::size_t runs = 0;
  std::size_t boots = 0;           // in the guest
  std::uint64_t load_seconds = 0;  // of all runs, by the clock of the guest or of the drive
};
Effort effort_of(const Definition& definition);

// A guess at the minutes that it takes in `guests` guests at the same time, at least 1. It knows
// neither the load nor the machine.
std::uint64_t estimated_minutes(const Effort& effort, unsigned guests);

// "84 runs in 6 boots, about 5 min (estimate: 168 s of load, guests at a time: 2)"
std::string effort_text(const Effort& effort, unsigned guests);

// Guests at the same time unless somebody says otherwise: one for each core.
unsigned default_guests();

}  // namespace kairo::experiments
