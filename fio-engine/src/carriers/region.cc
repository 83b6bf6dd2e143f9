// SPDX-License-Identifier: GPL-2.0-only
// Nothing in the I/O: each file is a region of the ring, with a class for its reads and one for its
// writes.
#include <cerrno>

#include "ask_files.h"

namespace kairo::engine {
namespace {

using hint::Class;

// The regions go with the ring that is probed with.
base::Status probe(const Asking& asking, Answer& answer) {
  Ring ring;
  KAIRO_CHECK(open_to_ask(ring, answer));
  auto asked = ask_files(kRegionCarrier, "regions", asking, answer, [&](int fd) {
    kairo_region_reg region = hint::region(fd, 0, 4096, Class::kDecode, Class::kPrefill);
    return answer_to(hint::register_region(ring.fd(), region));
  });
  if (answer.error == ENOSPC)
    return base::fail(base::ErrorCode::kUnavailable,
                      "kv_path=region: the user has no region left (raise sysctl "
                      "user.max_kairo_regions, which all jobs of the user share, or use "
                      "kv_path=rwf)");
  return asked;
}

base::Status check(const JobShape& job) {
  return check_one_class(kRegionCarrier, "a region", job);
}

// fio may open a file several times; the region of an inode that stayed in between is still there.
int open(const OpenedFile& file) {
  if (file.reads == Class::kNormal && file.writes == Class::kNormal) return 0;
  if (file.region != 0) hint::unregister_region(file.ring_fd, file.region);
  // All that there can be, so that a file that grows stays inside.
  constexpr std::uint64_t kEnd = 1ULL << 63;
  kairo_region_reg region = hint::region(file.fd, 0, kEnd, file.reads, file.writes);
  const int error = hint::register_region(file.ring_fd, region);
  file.region = region.id;
  return error;
}

}  // namespace

const CarrierInfo kRegionCarrier = {
    .path = Path::kRegion,
    .name = "region",
    .help = "Each file a region of the ring, needs a kernel with Kairo",
    .system_call = "KAIRO_REGISTER_REGION",
    .probe = probe,
    .check = check,
    .open = open};

}  // namespace kairo::engine
