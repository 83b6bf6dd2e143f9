// SPDX-License-Identifier: GPL-2.0-only
// What is on a drive, by libblkid.
#include <blkid/blkid.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

#include "kairo/base/device_guard.h"

namespace kairo::base {

namespace {

struct FreeProbe {
  void operator()(blkid_probe probe) const { blkid_free_probe(probe); }
};
using Probe = std::unique_ptr<std::remove_pointer_t<blkid_probe>, FreeProbe>;

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  [[nodiscard]] int number() const { return number_; }

 private:
  int number_;
};

// More than a drive has: each is found once.
constexpr int kMostSignatures = 64;
constexpr std::size_t kHeadBytes = 8192;

// Names that say little to a person.
constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kNames = {{
    {"crypto_LUKS", "a LUKS encrypted volume"},
    {"LVM2_member", "an LVM physical volume"},
    {"linux_raid_member", "a part of an md RAID"},
    {"swap", "a swap area"},
    {"mpath_member", "a path of a multipath drive"},
}};

std::string value(blkid_probe probe, const char* name) {
  const char* text = nullptr;
  std::string out;
  if (blkid_probe_lookup_value(probe, name, &text, nullptr) == 0 && text != nullptr) out = text;
  // A label is whatever somebody wrote there, and goes to a terminal.
  std::replace_if(
      out.begin(), out.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }, '?');
  return out;
}

std::string signature(const std::string& type, const std::string& usage, const std::string& label) {
  const auto* const known = std::find_if(kNames.begin(), kNames.end(),
                                         [&](const auto& name) { return name.first == type; });
  const bool vowel = std::string_view("aeiouAEIOU").find(type.front()) != std::string_view::npos;
  std::string out = known != kNames.end() ? std::string(known->second)
                    : usage == "filesystem"
                        ? fmt::format("a{} {} file system", vowel ? "n" : "", type)
                    : usage == "raid" ? fmt::format("a part of a RAID or volume ({})", type)
                                      : fmt::format("a signature of {}", type);
  if (!label.empty()) out += fmt::format(" (label \"{}\")", label);
  return out;
}

tl::unexpected<Error> unknown(const std::string& path, const char* why) {
  return bad_input("{}: {}, so what is on it is unknown", path, why);
}

// A table that is not whole, or that this library does not know, is a table all the same.
bool has_table_mark(std::string_view head) {
  constexpr std::string_view kGpt = "EFI PART";
  const auto at = [&](std::size_t offset, std::string_view mark) {
    return head.size() >= offset + mark.size() && head.substr(offset, mark.size()) == mark;
  };
  return at(510, "\x55\xaa") || at(512, kGpt) || at(4096, kGpt);
}

Result<std::vector<DeviceUse>> probe(const std::string& path, int descriptor) {
  const Probe probe(blkid_new_probe());
  if (!probe || blkid_probe_set_device(probe.get(), descriptor, 0, 0) != 0)
    return unknown(path, "libblkid cannot look at it");
  blkid_probe_enable_superblocks(probe.get(), 1);
  // Of a damaged one, too: its data may still be wanted.
  blkid_probe_set_superblocks_flags(probe.get(), BLKID_SUBLKS_TYPE | BLKID_SUBLKS_USAGE |
                                                     BLKID_SUBLKS_LABEL | BLKID_SUBLKS_BADCSUM |
                                                     BLKID_SUBLKS_MAGIC);
  blkid_probe_enable_partitions(probe.get(), 1);
  blkid_probe_set_partitions_flags(probe.get(), BLKID_PARTS_MAGIC | BLKID_PARTS_FORCE_GPT);
  std::vector<DeviceUse> out;
  int status = 0;
  for (int i = 0; i < kMostSignatures && (status = blkid_do_probe(probe.get())) == 0; ++i) {
    const std::string type = value(probe.get(), "TYPE");
    const std::string table = value(probe.get(), "PTTYPE");
    const std::string what =
        !type.empty()    ? signature(type, value(probe.get(), "USAGE"), value(probe.get(), "LABEL"))
        : !table.empty() ? fmt::format("a partition table ({})", table)
                         : std::string();
    const bool told =
        std::any_of(out.begin(), out.end(), [&](const DeviceUse& use) { return use.what == what; });
    if (!what.empty() && !told) out.push_back({DeviceUse::Kind::kContent, what});
  }
  if (status < 0) return unknown(path, "reading its signatures failed");
  return out;
}

}  // namespace

Result<std::vector<DeviceUse>> content_uses(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.number() < 0) return unknown(path, std::strerror(errno));
  std::array<char, kHeadBytes> head = {};
  const ssize_t got = ::pread(file.number(), head.data(), head.size(), 0);
  if (got < 0) return unknown(path, std::strerror(errno));
  auto out = probe(path, file.number());
  if (out && out->empty() && has_table_mark({head.data(), static_cast<std::size_t>(got)}))
    out->push_back({DeviceUse::Kind::kContent, "a partition table (not a whole one)"});
  return out;
}

}  // namespace kairo::base
