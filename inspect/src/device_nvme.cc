// SPDX-License-Identifier: GPL-2.0-only
// What an NVMe drive says of itself. Values of its structures are little endian, as this code's
// machine must be: libnvme 1.3 hands them out as they came.
#include <endian.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <libnvme.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "kairo/inspect/device.h"

namespace kairo::inspect {

namespace fs = std::filesystem;

namespace {

// Room for a log with a few configurations of 128 handles each. One page: QEMU 10 refuses the
// status of reclaim unit handles into a buffer that lies in two.
constexpr std::uint32_t kLogBytes = 4096;

class Node {
 public:
  explicit Node(const fs::path& path) : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  ~Node() {
    if (fd_ >= 0) ::close(fd_);
  }
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;
  [[nodiscard]] int fd() const { return fd_; }

 private:
  int fd_;
};

class Facts {
 public:
  explicit Facts(DeviceFacts& device) : device_(device) {}
  void add(const char* group, std::string name, std::optional<std::uint64_t> value,
           const char* unit = "") {
    device_.facts.push_back({group, std::move(name),
                             value ? std::optional(std::to_string(*value)) : std::nullopt, unit});
  }
  void add_text(const char* group, const char* name, std::string value) {
    device_.facts.push_back({group, name, std::move(value), ""});
  }

 private:
  DeviceFacts& device_;
};

void add_streams(int fd, std::uint32_t nsid, bool directives, Facts& facts) {
  nvme_id_directives id{};
  const bool supported = directives &&
                         nvme_directive_recv_identify_parameters(fd, nsid, &id) == 0 &&
                         (id.supported[0] & (1U << NVME_ID_DIR_SD_BIT)) != 0;
  facts.add_text("streams", "directive", supported ? "yes" : "no");
  nvme_streams_directive_params streams{};
  if (!supported || nvme_directive_recv_stream_parameters(fd, nsid, &streams) != 0) return;
  facts.add("streams", "max_streams", le16toh(streams.msl), "streams");
  facts.add("streams", "write_size", le32toh(streams.sws), "logical blocks");
  facts.add("streams", "granularity", le16toh(streams.sgs), "write sizes");
}

// Bit 0 of the feature, of an endurance group: placement is on.
std::optional<std::uint64_t> fdp_enabled(int fd, std::uint16_t group) {
  std::uint32_t result = 0;
  nvme_get_features_args args{};
  args.result = &result;
  args.args_size = sizeof(args);
  args.fd = fd;
  args.timeout = NVME_DEFAULT_IOCTL_TIMEOUT;
  args.sel = NVME_GET_FEATURES_SEL_CURRENT;
  args.cdw11 = group;
  args.fid = NVME_FEAT_FID_FDP;
  args.uuidx = NVME_UUID_NONE;
  return nvme_get_features(&args) == 0 ? std::optional<std::uint64_t>(result & 1U) : std::nullopt;
}

// A counter of 128 bits; absent when it does not fit.
std::optional<std::uint64_t> low_half(const unsigned char (&bytes)[16]) {
  std::uint64_t halves[2];
  std::memcpy(halves, bytes, sizeof(halves));
  return halves[1] == 0 ? std::optional(le64toh(halves[0])) : std::nullopt;
}

void add_fdp_statistics(int fd, std::uint16_t group, Facts& facts) {
  nvme_fdp_stats_log log{};
  if (nvme_get_log_fdp_stats(fd, group, 0, sizeof(log), &log) != 0) return;
  facts.add("fdp", "host_written", low_half(log.hbmw), "B");
  facts.add("fdp", "media_written", low_half(log.mbmw), "B");
  facts.add("fdp", "media_erased", low_half(log.mbe), "B");
}

// Of each placement handle of the namespace what its reclaim unit still takes. Streams of the
// kernel are numbered in this order, from 1 on.
void add_placement_handles(int fd, std::uint32_t nsid, Facts& facts) {
  alignas(kLogBytes) std::array<unsigned char, kLogBytes> buffer{};
  if (nvme_fdp_reclaim_unit_handle_status(fd, nsid, kLogBytes, buffer.data()) != 0) return;
  nvme_fdp_ruh_status status{};
  std::memcpy(&status, buffer.data(), sizeof(status));
  const unsigned handles = le16toh(status.nruhsd);
  facts.add("fdp", "placement_handles", handles, "of this namespace");
  nvme_fdp_ruh_status_desc handle{};
  for (unsigned i = 0; i < handles; ++i) {
    const std::size_t at = sizeof(status) + i * sizeof(handle);
    if (at + sizeof(handle) > buffer.size()) break;
    std::memcpy(&handle, buffer.data() + at, sizeof(handle));
    facts.add("fdp", fmt::format("placement_{}_left", le16toh(handle.pid)), le64toh(handle.ruamw),
              "logical blocks");
  }
}

void add_fdp(int fd, std::uint32_t nsid, std::uint16_t group, Facts& facts) {
  const auto enabled = fdp_enabled(fd, group);
  facts.add("fdp", "endurance_group", group);
  facts.add("fdp", "enabled", enabled);
  alignas(kLogBytes) std::array<unsigned char, kLogBytes> buffer{};
  if (nvme_get_log_fdp_configurations(fd, group, 0, kLogBytes, buffer.data()) == 0) {
    nvme_fdp_config_log log{};
    nvme_fdp_config_desc first{};
    std::memcpy(&log, buffer.data(), sizeof(log));
    std::memcpy(&first, buffer.data() + sizeof(log), sizeof(first));
    facts.add("fdp", "configurations", le16toh(log.n) + std::uint64_t{1});
    facts.add("fdp", "reclaim_groups", le32toh(first.nrg), "groups");
    facts.add("fdp", "reclaim_unit_handles", le16toh(first.nruh), "handles");
    facts.add("fdp", "reclaim_unit_size", le64toh(first.runs), "B");
  }
  if (enabled != 1U) return;
  add_fdp_statistics(fd, group, facts);
  add_placement_handles(fd, nsid, facts);
}

}  // namespace

base::Status add_nvme_facts(DeviceFacts& device, const fs::path& node) {
  const Node opened(node);
  if (opened.fd() < 0) {
    const int error = errno;
    return base::fail(error == ENOENT ? base::ErrorCode::kInput : base::ErrorCode::kUnavailable,
                      "{}: {} ({})", node.string(), std::strerror(error),
                      error == EACCES || error == EPERM
                          ? "be root, or use --sysfs /sys for what needs no drive"
                          : "is the drive still there?");
  }
  std::uint32_t nsid = 0;
  nvme_id_ctrl controller{};
  nvme_id_ns space{};
  if (nvme_get_nsid(opened.fd(), &nsid) != 0 || nvme_identify_ctrl(opened.fd(), &controller) != 0 ||
      nvme_identify_ns(opened.fd(), nsid, &space) != 0)
    return base::fail(base::ErrorCode::kUnavailable,
                      "{}: does not answer to Identify: {} (be root)", node.string(),
                      std::strerror(errno));
  Facts facts(device);
  facts.add("nvme", "namespace", nsid);
  facts.add("nvme", "namespaces", le32toh(controller.nn));
  facts.add("nvme", "max_transfer",
            controller.mdts == 0
                ? std::nullopt
                : std::optional<std::uint64_t>(std::uint64_t{1} << controller.mdts),
            "controller pages");
  add_streams(opened.fd(), nsid, (le16toh(controller.oacs) & NVME_CTRL_OACS_DIRECTIVES) != 0,
              facts);
  const bool fdp = (le32toh(controller.ctratt) & NVME_CTRL_CTRATT_FDPS) != 0;
  facts.add_text("fdp", "supported", fdp ? "yes" : "no");
  if (fdp) add_fdp(opened.fd(), nsid, le16toh(space.endgid), facts);
  return {};
}

}  // namespace kairo::inspect
