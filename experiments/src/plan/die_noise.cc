// SPDX-License-Identifier: GPL-2.0-only
#include "plan/die_noise.h"

#include <cmath>

namespace kairo::experiments {

DieNoise::DieNoise(const DeviceProfile& device, std::uint64_t stream)
    : spread_percent_(device.spread_percent),
      outlier_ppm_(device.outlier_ppm),
      outlier_factor_(device.outlier_factor),
      state_(kModelSeed) {
  state_ = next() ^ stream;
  state_ = next();
}

// splitmix64
std::uint64_t DieNoise::next() {
  std::uint64_t x = state_ += 0x9e3779b97f4a7c15ULL;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

double DieNoise::time_us(double us) {
  if (spread_percent_ != 0) {
    // The sum of twelve uniform draws has variance 1.
    double z = -6;
    for (int i = 0; i < 3; ++i) {
      const std::uint64_t x = next();
      for (int shift = 0; shift < 64; shift += 16)
        z += static_cast<double>(x >> shift & 0xffff) / 65535;
    }
    const double s = static_cast<double>(spread_percent_) / 100;
    us *= std::exp(s * z - s * s / 2);
  }
  if (outlier_ppm_ != 0 && (next() >> 32) * 1000000 >> 32 < outlier_ppm_)
    us *= static_cast<double>(outlier_factor_);
  return us;
}

double DieNoise::exponential_us(double mean_us) {
  const double x = static_cast<double>(next() >> 32 | 1) / 4294967296.0;
  return -std::log(x) * mean_us;
}

}  // namespace kairo::experiments
