// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <vector>

#include "simulation.h"

namespace kairo::simulator {

// What the scheduler must be right on, by what sets it apart. Each seed is another drive and load;
// the ranges are wide and the seeds are not chosen.
enum class Family { kPlain, kNoisy, kBuffered, kReadFirst, kFlat };
inline constexpr Family kFamilies[] = {Family::kPlain, Family::kNoisy, Family::kBuffered,
                                       Family::kReadFirst, Family::kFlat};

struct Case {
  Drive drive;
  Load load;
};

const char* family_name(Family family);
Case random_case(Family family, std::uint64_t seed);

// What a reader needs to run it again.
std::string describe(const Case& c);

}  // namespace kairo::simulator
