// SPDX-License-Identifier: GPL-2.0-only
#include "replay.h"

#include <algorithm>

#include "flash.h"

namespace kairo::simulator {
namespace {

struct Request {
  kssd_req req{};  // first: the model returns its address
  std::uint64_t sent = 0;
  double* us = nullptr;
};

// All that ends until then.
void end_until(const Flash& flash, std::uint64_t ns) {
  for (std::uint64_t next; (next = kssd_drive_next_ns(*flash)) <= ns && next != ~0ULL;)
    while (kssd_req* req = kssd_drive_take(*flash, next)) {
      const auto& done = *reinterpret_cast<Request*>(req);
      *done.us = static_cast<double>(next - done.sent) / 1e3;
    }
}

}  // namespace

Replayed replay(const Drive& drive, const std::vector<Arrival>& arrivals) {
  std::uint32_t largest = drive.page_kib << 10;
  for (const Arrival& arrival : arrivals) largest = std::max(largest, arrival.bytes);
  const Flash flash(drive, largest / 512);
  Replayed out;
  out.us.resize(arrivals.size());
  std::vector<Request> requests(arrivals.size());
  for (std::size_t i = 0; i < arrivals.size(); ++i) {
    end_until(flash, arrivals[i].ns);
    Request& request = requests[i];
    request.sent = arrivals[i].ns;
    request.us = &out.us[i];
    request.req.op = arrivals[i].write ? KSSD_OP_PROGRAM : KSSD_OP_READ;
    request.req.sector = arrivals[i].sector;
    request.req.nr_sectors = arrivals[i].bytes / 512;
    if (kssd_drive_submit(*flash, request.sent, &request.req) != 0)
      throw std::runtime_error("a request that the model refuses");
  }
  end_until(flash, ~0ULL);
  const auto counters = kssd_drive_counters(*flash, arrivals.empty() ? 0 : arrivals.back().ns);
  out.busy_ns = counters.busy_ns;
  out.pages_read = counters.pages_read + counters.buffer_pages_read;
  out.programmed_bytes = counters.programmed_bytes;
  return out;
}

}  // namespace kairo::simulator
