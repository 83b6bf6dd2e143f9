// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>

#include "kairo/experiments/profile.h"

// The chance in the times of the flash model (noise.c of the driver), number by number: a die of
// the bound draws for its n-th operation what the same die of the guest draws for its n-th.
namespace kairo::experiments {

// The seed that kairo_ssd has unless it is set, which profiles do not.
inline constexpr std::uint64_t kModelSeed = 1;
// The draws of the pauses; those of a die are its number.
inline constexpr std::uint64_t kPauseStream = 256;

class DieNoise {
 public:
  DieNoise(const DeviceProfile& device, std::uint64_t stream);

  // How long an operation takes that takes `us` in the mean, outliers apart.
  double time_us(double us);
  // Exponentially distributed.
  double exponential_us(double mean_us);

 private:
  std::uint64_t next();

  std::uint64_t spread_percent_;
  std::uint64_t outlier_ppm_;
  std::uint64_t outlier_factor_;
  std::uint64_t state_;
};

}  // namespace kairo::experiments
