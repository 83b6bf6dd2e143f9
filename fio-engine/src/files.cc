// SPDX-License-Identifier: GPL-2.0-only
#include "files.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstring>

#include "io_kind.h"
#include "kairo/base/short_names.h"
#include "notice.h"

namespace kairo::engine {

using hint::Class;

namespace {

const char* open_remedy(int error) {
  switch (error) {
    case ENOENT:
      return "leave create_serialize=0 out, so that fio makes it before the job opens it";
    case EACCES:
    case EPERM:
    case EROFS:
      return "run the job as a user who may read and write it";
    case EINVAL:
      return "set direct=0: its file system has no direct I/O";
    case EMFILE:
    case ENFILE:
      return "raise ulimit -n";
    default:
      return "see open(2)";
  }
}

}  // namespace

Status Files::register_all() {
  for (unsigned i = 0; i < job_.td->o.nr_files; ++i) {
    fio_file* file = job_.td->files[i];
    if (open_for_io(file))
      return bad_input("registerfiles: {}: cannot be opened: {} ({})", file->file_name,
                       std::strerror(job_.td->error), open_remedy(job_.td->error));
    fds_.push_back(file->fd);
    file->engine_pos = i;
    // fio opens and closes files as it goes; it must not see these as open yet.
    file->fd = -1;
  }
  const int result =
      ring_.register_with(IORING_REGISTER_FILES, fds_.data(), static_cast<unsigned>(fds_.size()));
  if (result < 0)
    return bad_input("registerfiles: {} files cannot be registered: {} (raise ulimit -n)",
                     fds_.size(), std::strerror(-result));
  return {};
}

int Files::open_for_io(fio_file* file) {
  // fio opens a job that trims without O_DIRECT; a trace that also reads and writes needs it, and
  // O_RDWR is what a discard or a punched hole needs.
  const td_ddir directions = job_.td->o.td_ddir;
  if (does(job_.td, kTrim)) {
    const unsigned rest = static_cast<unsigned>(directions) & ~static_cast<unsigned>(TD_DDIR_TRIM);
    job_.td->o.td_ddir = static_cast<td_ddir>(rest | TD_DDIR_WRITE);
  }
  const int result = generic_open_file(job_.td, file);
  job_.td->o.td_ddir = directions;
  const bool by_file = carrier_info(job_.sidecar.carrier.used).open != nullptr;
  return result == 0 && by_file ? set_classes_of(file) : result;
}

int Files::set_classes_of(const fio_file* file) {
  // A job of one class names it for every direction.
  const auto of = [&](std::size_t d) {
    const Class cls = job_.class_of_direction[d];
    return hint::allowed(cls, kOps[d]) ? cls : Class::kNormal;
  };
  const CarrierInfo& info = carrier_info(job_.sidecar.carrier.used);
  regions_.resize(job_.td->o.nr_files);
  const int error = info.open({.fd = file->fd,
                               .ring_fd = ring_.fd(),
                               .reads = of(kRead),
                               .writes = of(kWrite),
                               .region = regions_[static_cast<std::size_t>(file->fileno)]});
  if (error == 0) return 0;
  notice(fmt::format("{}: kv_path={} was accepted by the probe and is refused now: {}",
                     file->file_name, info.name, std::strerror(error)));
  set_error(job_.td, error, info.system_call);
  return error;
}

int Files::open(fio_file* file) {
  if (fds_.empty()) {
    const int result = open_for_io(file);
    file->engine_pos = static_cast<std::uint64_t>(file->fd);
    return result;
  }
  file->fd = fds_[file->engine_pos];
  return 0;
}

int Files::close(fio_file* file) {
  if (fds_.empty()) return generic_close_file(job_.td, file);
  file->fd = -1;
  return 0;
}

void Files::close_registered() {
  for (const int fd : fds_) ::close(fd);
}

}  // namespace kairo::engine
