// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <new>
#include <stdexcept>

#include "pure.h"
#include "simulation.h"

namespace kairo::simulator {

constexpr std::uint64_t kDriveBytes = 16ULL << 30;

// The flash model with its mapping.
class Flash {
 public:
  // The largest request has so many sectors.
  Flash(const Drive& drive, unsigned max_sectors) {
    kssd_flash_geometry geo{};
    geo.nr_dies = drive.dies;
    geo.page_sectors = drive.page_kib * 2;
    geo.nr_sectors = kDriveBytes / 512;
    geo.read_ns = drive.read_us * 1000ULL;
    geo.program_ns = drive.program_us * 1000ULL;
    geo.discard_ns = 30'000;
    geo.seed = drive.seed;
    geo.buffer_pages = drive.buffer_kib / drive.page_kib;
    geo.buffer_ack_ns = drive.buffer_ack_us * 1000ULL;
    geo.buffer_blocks_queue = drive.buffer_blocks_queue;
    geo.read_first = drive.read_first;
    geo.suspend_ns = drive.suspend_us * 1000ULL;
    geo.spread_percent = drive.spread_percent;
    geo.outlier_ppm = drive.outlier_ppm;
    geo.outlier_factor = drive.outlier_factor;
    geo.pause_every_ns = drive.pause_every_ms * 1'000'000ULL;
    geo.pause_ns = drive.pause_ms * 1'000'000ULL;
    if (kssd_flash_init(&flash_, &geo) != 0) throw std::runtime_error("a drive that cannot be");
    const kssd_drive_limits limits{4096, max_sectors, 1};
    drive_ = kssd_drive_create(&flash_, &limits, 0);
    if (drive_ == nullptr) throw std::bad_alloc();
  }
  ~Flash() {
    kssd_drive_destroy(drive_);
    kssd_flash_exit(&flash_);
  }
  Flash(const Flash&) = delete;
  Flash& operator=(const Flash&) = delete;

  kssd_drive* operator*() const { return drive_; }

 private:
  kssd_flash flash_{};
  kssd_drive* drive_ = nullptr;
};

}  // namespace kairo::simulator
