// SPDX-License-Identifier: GPL-2.0-only
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/dm-ioctl.h>
#include <linux/fs.h>
#include <linux/loop.h>
#include <linux/major.h>
#include <linux/raid/md_p.h>
#include <linux/raid/md_u.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cstring>

#include "metadata_probe.h"
#include "stack_probe.h"

namespace kairo::testing {
namespace {

// An open file that ends with its scope.
class Fd {
 public:
  Fd(const std::string& path, int flags) : path_(path), fd_(::open(path.c_str(), flags)) {
    expect(fd_ >= 0, path + ": " + std::strerror(errno));
  }
  ~Fd() { ::close(fd_); }
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;

  long call(unsigned long request, void* argument, const char* what) const {
    const int result = ::ioctl(fd_, request, argument);
    expect(result >= 0, fmt::format("{}: {}: {}", path_, what, std::strerror(errno)));
    return result;
  }
  [[nodiscard]] int number() const { return fd_; }

 private:
  std::string path_;
  int fd_;
};

// The message of an ioctl of the device mapper, with room for one target.
struct MapperMessage {
  dm_ioctl head = {};
  dm_target_spec target = {};
  char parameters[1024] = {};

  explicit MapperMessage(const std::string& name) {
    head.version[0] = DM_VERSION_MAJOR;
    head.data_size = sizeof(*this);
    head.data_start = offsetof(MapperMessage, target);
    std::strncpy(head.name, name.c_str(), sizeof(head.name) - 1);
  }
};

constexpr int kChunkBytes = 65536;

}  // namespace

std::string make_mapped(const std::string& name, std::uint64_t sectors, const std::string& target,
                        const std::string& parameters) {
  const Fd control("/dev/mapper/control", O_RDWR);
  MapperMessage create(name);
  control.call(DM_DEV_CREATE, &create, "create");

  MapperMessage load(name);
  load.head.target_count = 1;
  load.target.length = sectors;
  std::strncpy(load.target.target_type, target.c_str(), sizeof(load.target.target_type) - 1);
  expect(parameters.size() < sizeof(load.parameters), "the parameters are too long");
  std::strncpy(load.parameters, parameters.c_str(), sizeof(load.parameters) - 1);
  control.call(DM_TABLE_LOAD, &load, target.c_str());

  MapperMessage resume(name);
  control.call(DM_DEV_SUSPEND, &resume, "resume");
  return fmt::format("/dev/dm-{}", minor(resume.head.dev));
}

std::string make_array(int level, const std::vector<std::string>& devices) {
  const std::string path = fmt::format("/dev/md{}", level);
  if (::access(path.c_str(), F_OK) != 0)
    expect_equal(
        ::mknod(path.c_str(), S_IFBLK | 0600, makedev(MD_MAJOR, static_cast<unsigned>(level))), 0,
        path);
  const Fd array(path, O_RDWR);

  std::uint64_t bytes = 0;
  Fd(devices[0], O_RDONLY).call(BLKGETSIZE64, &bytes, "size");
  mdu_array_info_t info = {};
  info.major_version = 0;
  info.minor_version = 90;
  info.level = level;
  info.size = static_cast<int>(bytes >> 10);
  info.nr_disks = info.raid_disks = static_cast<int>(devices.size());
  info.md_minor = level;
  info.not_persistent = 1;
  info.state = 1 << MD_SB_CLEAN;
  info.chunk_size = level == 0 ? kChunkBytes : 0;
  array.call(SET_ARRAY_INFO, &info, "array");

  for (int number = 0; number < info.raid_disks; ++number) {
    struct stat device = {};
    expect_equal(::stat(devices[static_cast<std::size_t>(number)].c_str(), &device), 0, "a member");
    mdu_disk_info_t disk = {};
    disk.number = disk.raid_disk = number;
    disk.major = static_cast<int>(major(device.st_rdev));
    disk.minor = static_cast<int>(minor(device.st_rdev));
    disk.state = 1 << MD_DISK_ACTIVE | 1 << MD_DISK_SYNC;
    array.call(ADD_NEW_DISK, &disk, "member");
  }
  array.call(RUN_ARRAY, nullptr, "run");
  return path;
}

std::string make_loop(const std::string& backing, unsigned block_bytes) {
  const Fd control("/dev/loop-control", O_RDWR);
  const long number = control.call(LOOP_CTL_GET_FREE, nullptr, "a free loop device");
  const std::string path = fmt::format("/dev/loop{}", number);
  const Fd file(backing, O_RDWR), loop(path, O_RDWR);
  loop_config config = {};
  config.fd = static_cast<std::uint32_t>(file.number());
  config.block_size = block_bytes;
  config.info.lo_flags = LO_FLAGS_DIRECT_IO;
  loop.call(LOOP_CONFIGURE, &config, "backing");
  return path;
}

}  // namespace kairo::testing
