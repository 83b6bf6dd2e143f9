// SPDX-License-Identifier: GPL-2.0-only
#include "carriers.h"

namespace kairo::engine {
namespace {

const CarrierInfo kNoCarrier = {
    .path = Path::kNone, .name = "none", .help = "Not at all, and no classes in the statistics"};
const CarrierInfo kLabelCarrier = {
    .path = Path::kLabel, .name = "label", .help = "Not at all, classes in the statistics only"};
const CarrierInfo kAutoCarrier = {
    .path = Path::kAuto,
    .name = "auto",
    .help = "attr, rwf or ioprio, the first that the kernel has; prints which"};

}  // namespace

const std::array<const CarrierInfo*, kPaths>& carriers() {
  static const std::array<const CarrierInfo*, kPaths> all = {
      &kNoCarrier,     &kLabelCarrier, &kAttrCarrier,   &kRwfCarrier,
      &kIoprioCarrier, &kFileCarrier,  &kRegionCarrier, &kAutoCarrier};
  return all;
}

const CarrierInfo& carrier_info(Path path) {
  return *carriers()[static_cast<std::size_t>(path)];
}

}  // namespace kairo::engine
