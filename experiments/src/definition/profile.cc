// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/experiments/profile.h"

#include "definition/toml_reader.h"
#include "kairo/base/short_names.h"

namespace kairo::experiments {
namespace {

// When a key must be given, and when the guest is told its value.
enum class Use {
  kAlways,    // required, told
  kOptional,  // told
  kGc,        // optional, told with gc = 1: without, it does nothing
  kTrait      // optional, told unless it is 0: a drive has what is not
};

struct Field {
  std::string_view key;
  std::uint64_t DeviceProfile::*member;
  std::uint64_t low;
  std::uint64_t high;
  Use use = Use::kTrait;
};

// Every key of [device] but the name, in the order in which the guest writes them. The ranges are
// those of the driver's attributes (Documentation/block/kairo_ssd.rst in the series), the defaults
// those of the struct.
constexpr Field kFields[] = {
    {"dies", &DeviceProfile::dies, 1, 256, Use::kAlways},
    {"page_kib", &DeviceProfile::page_kib, 4, 1024, Use::kAlways},
    {"read_us", &DeviceProfile::read_us, 1, 1000000, Use::kAlways},
    {"program_us", &DeviceProfile::program_us, 1, 1000000, Use::kAlways},
    {"discard_us", &DeviceProfile::discard_us, 0, 1000000, Use::kAlways},
    {"tags", &DeviceProfile::tags, 1, 10240, Use::kAlways},
    {"size_gib", &DeviceProfile::size_gib, 1, 4096, Use::kAlways},
    {"max_request_kib", &DeviceProfile::max_request_kib, 4, 1024, Use::kOptional},
    {"gc", &DeviceProfile::gc, 0, 1, Use::kGc},
    {"block_pages", &DeviceProfile::block_pages, 1, 4096, Use::kGc},
    {"spare_percent", &DeviceProfile::spare_percent, 1, 100, Use::kGc},
    {"erase_us", &DeviceProfile::erase_us, 0, 1000000, Use::kGc},
    {"streams", &DeviceProfile::streams, 0, 15, Use::kGc},
    {"chunk_kib", &DeviceProfile::chunk_kib, 0, 1 << 20},
    {"write_buffer_kib", &DeviceProfile::write_buffer_kib, 0, 1 << 20},
    {"buffer_ack_us", &DeviceProfile::buffer_ack_us, 0, 1000000},
    {"buffer_blocks_queue", &DeviceProfile::buffer_blocks_queue, 0, 1},
    {"read_first", &DeviceProfile::read_first, 0, 1},
    {"suspend_us", &DeviceProfile::suspend_us, 0, 1000000},
    {"spread_percent", &DeviceProfile::spread_percent, 0, 100},
    {"outlier_ppm", &DeviceProfile::outlier_ppm, 0, 1000000},
    {"outlier_factor", &DeviceProfile::outlier_factor, 0, 1000},
    {"pause_every_ms", &DeviceProfile::pause_every_ms, 0, 1000000},
    {"pause_ms", &DeviceProfile::pause_ms, 0, 10000},
    {"slc_gib", &DeviceProfile::slc_gib, 0, 16384},
    {"slc_program_us", &DeviceProfile::slc_program_us, 0, 1000000},
    {"channels", &DeviceProfile::channels, 0, 255},
    {"channel_mb_s", &DeviceProfile::channel_mb_s, 0, 100000},
    {"link_mb_s", &DeviceProfile::link_mb_s, 0, 100000},
};

std::vector<std::string_view> known_keys() {
  std::vector<std::string_view> out = {"name"};
  for (const Field& field : kFields) out.push_back(field.key);
  return out;
}

// What is switched on must be more than nothing; the driver would refuse it.
void check_traits(const DeviceProfile& profile, const TomlReader& device) {
  if (profile.write_buffer_kib != 0 && profile.write_buffer_kib < profile.page_kib)
    device.refuse("write_buffer_kib", "{} is less than a page ({} KiB)", profile.write_buffer_kib,
                  profile.page_kib);
  if (profile.chunk_kib % 4 != 0)
    device.refuse("chunk_kib", "{} is not a multiple of 4", profile.chunk_kib);
  if (profile.outlier_ppm != 0 && profile.outlier_factor == 0)
    device.refuse("outlier_ppm", "outliers need an outlier_factor");
  if (profile.slc_gib != 0 && profile.slc_program_us == 0)
    device.refuse("slc_gib", "fast flash needs a slc_program_us");
}

}  // namespace

std::vector<std::pair<std::string, std::uint64_t>> DeviceProfile::attributes() const {
  std::vector<std::pair<std::string, std::uint64_t>> out;
  for (const Field& field : kFields) {
    const std::uint64_t value = this->*field.member;
    if (field.use == Use::kGc && gc == 0) continue;
    if (field.use == Use::kTrait && value == 0) continue;
    out.emplace_back(field.key, value);
  }
  return out;
}

double DeviceProfile::read_rate(double share, std::uint64_t read_bytes) const {
  const double pages_per_s = static_cast<double>(dies) * 1e6 / static_cast<double>(read_us);
  const std::uint64_t page_bytes = page_kib * 1024;
  const std::uint64_t pages_per_read = (read_bytes + page_bytes - 1) / page_bytes;
  return share * pages_per_s / static_cast<double>(pages_per_read);
}

Result<DeviceProfile> load_profile(const std::filesystem::path& path) {
  TomlFile file(path);
  file.top().only({"device"});
  const TomlReader device = file.top().table("device", "see experiments/profiles/reference.toml");
  device.only(known_keys());

  DeviceProfile profile;
  profile.name = device.text_or("name", path.stem().string());
  for (const Field& field : kFields)
    profile.*field.member =
        field.use == Use::kAlways
            ? device.integer(field.key, field.low, field.high)
            : device.integer_or(field.key, field.low, field.high, profile.*field.member);
  if ((profile.page_kib & (profile.page_kib - 1)) != 0)
    device.refuse("page_kib", "{} is not a power of two", profile.page_kib);
  check_traits(profile, device);
  return file.result(std::move(profile));
}

}  // namespace kairo::experiments
