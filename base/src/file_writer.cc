// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/base/file_writer.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <optional>
#include <string>

#include "kairo/base/units.h"

namespace kairo::base {

namespace fs = std::filesystem;

namespace {

constexpr int kMostLinks = 40;  // as the kernel follows

// Where a write to a path ends up.
struct Target {
  fs::path path;                   // symbolic links resolved, also of a file that is not there yet
  std::optional<struct stat> now;  // empty: not there yet
};

// Why a write failed, with the remedy.
tl::unexpected<Error> not_written(const fs::path& path, int error) {
  const std::string parent = path.has_parent_path() ? path.parent_path().string() : ".";
  switch (error) {
    case EACCES:
    case EPERM:
      return bad_input("{}: permission denied (name a place that this user may write to)",
                       path.string());
    case EROFS:
      return bad_input("{}: is on a file system that is mounted read-only (name another place)",
                       path.string());
    case ENOSPC:
    case EDQUOT: {
      std::error_code status;
      const fs::space_info space = fs::space(parent, status);
      return bad_input("{}: the disk is full: {} (free some, or name a place on another disk)",
                       path.string(),
                       error == EDQUOT ? std::string("this user's quota is used up")
                       : status        ? std::string("its free space is unknown")
                                       : format_bytes(space.available) + " free");
    }
    case ENOENT:
      return bad_input("{}: the folder {} does not exist (make it: mkdir -p {})", path.string(),
                       parent, parent);
    default:
      return bad_input("{}: cannot be written: {}", path.string(), std::strerror(error));
  }
}

// What is at `path`: nothing there is no error.
Result<Target> resolve(const fs::path& path) {
  Target out{path, std::nullopt};
  struct stat found {};
  if (::stat(path.c_str(), &found) == 0) {
    out.now = found;
    if (!S_ISREG(found.st_mode)) return out;
  } else if (errno != ENOENT) {
    return not_written(path, errno);
  }
  std::error_code status;
  for (int i = 0; i < kMostLinks && fs::is_symlink(out.path, status); ++i) {
    const fs::path to = fs::read_symlink(out.path, status);
    if (status) return not_written(out.path, status.value());
    out.path = to.is_absolute() ? to : out.path.parent_path() / to;
  }
  return out;
}

bool same_file(const struct stat& one, const struct stat& other) {
  return one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

Status refuse_input(const fs::path& path, const struct stat& now,
                    const std::vector<fs::path>& inputs) {
  for (const fs::path& input : inputs) {
    struct stat found {};
    if (::stat(input.c_str(), &found) == 0 && same_file(now, found))
      return bad_input("{}: is the input {}, which would be lost (name another file)",
                       path.string(), input.string());
  }
  return {};
}

// Looks a folder up that a new file goes to, or whose file is replaced.
Status check_folder(const fs::path& path) {
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  if (::faccessat(AT_FDCWD, folder.c_str(), W_OK | X_OK, AT_EACCESS) != 0)
    return not_written(path, errno);
  return {};
}

Result<Target> find_target(const fs::path& path, const std::vector<fs::path>& inputs) {
  auto target = resolve(path);
  if (!target) return target;
  if (path.empty() || path.native().back() == '/' || (target->now && S_ISDIR(target->now->st_mode)))
    return bad_input("{}: is a folder (name a file)", path.string());
  if (target->now) {
    if (S_ISBLK(target->now->st_mode))
      return bad_input("{}: is a drive, whose content would be lost (name a file)", path.string());
    // Of a file without write permission only the name can be taken away: that is not asked for.
    if (::faccessat(AT_FDCWD, path.c_str(), W_OK, AT_EACCESS) != 0) return not_written(path, errno);
    if (!S_ISREG(target->now->st_mode)) return target;
    KAIRO_CHECK(refuse_input(path, *target->now, inputs));
  }
  KAIRO_CHECK(check_folder(target->path));
  return target;
}

// 0, or the errno of the write that failed.
int write_all(int descriptor, std::string_view content) {
  while (!content.empty()) {
    const ssize_t count = ::write(descriptor, content.data(), content.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return count < 0 ? errno : EIO;
    content.remove_prefix(static_cast<std::size_t>(count));
  }
  return 0;
}

Status write_through(const fs::path& path, int descriptor, std::string_view content) {
  if (descriptor < 0) return not_written(path, errno);
  const int error = write_all(descriptor, content);
  const int closed = ::close(descriptor) == 0 ? 0 : errno;
  if (error != 0 || closed != 0) return not_written(path, error != 0 ? error : closed);
  return {};
}

// /dev/stdout of a program whose output goes to a file: what is written belongs between its other
// lines, and the file must stay the one that the shell has open. -1: it is no such file.
int own_output(const struct stat& now) {
  for (const int descriptor : {STDOUT_FILENO, STDERR_FILENO}) {
    struct stat found {};
    if (::fstat(descriptor, &found) == 0 && same_file(now, found)) return descriptor;
  }
  return -1;
}

int opened_again(int own) {
  std::fflush(own == STDOUT_FILENO ? stdout : stderr);
  return ::fcntl(own, F_DUPFD_CLOEXEC, 3);
}

Status replace(const Target& target, std::string_view content) {
  static std::atomic<unsigned> count{0};
  fs::path partial;
  int descriptor = -1;
  do {
    partial = fs::path(target.path).concat(fmt::format(".part{}-{}", ::getpid(), ++count));
    descriptor = ::open(partial.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  } while (descriptor < 0 && errno == EEXIST);
  if (descriptor < 0) return not_written(target.path, errno);
  if (target.now) {
    // Where this user may not give files away the new one is this user's own.
    const int kept = ::fchown(descriptor, target.now->st_uid, target.now->st_gid);
    static_cast<void>(kept);
    ::fchmod(descriptor, target.now->st_mode & 0777);
  }
  auto written = write_through(target.path, descriptor, content);
  if (written && ::rename(partial.c_str(), target.path.c_str()) != 0)
    written = not_written(target.path, errno);
  if (!written) ::unlink(partial.c_str());
  return written;
}

}  // namespace

Status make_directory(const fs::path& path) {
  std::error_code status;
  fs::create_directories(path, status);
  if (status.value() == EACCES || status.value() == EPERM)
    return bad_input("{}: permission denied (name a place that this user may write to)",
                     path.string());
  if (status) return bad_input("{}: cannot be created: {}", path.string(), status.message());
  return {};
}

Status check_output(const fs::path& path, const std::vector<fs::path>& inputs) {
  const auto target = find_target(path, inputs);
  return target ? Status{} : Status(fail(target.error()));
}

Status write_file(const fs::path& path, std::string_view content,
                  const std::vector<fs::path>& inputs) {
  KAIRO_TRY(const auto target, find_target(path, inputs));
  if (!target.now) return replace(target, content);
  if (const int own = own_output(*target.now); own >= 0)
    return write_through(path, opened_again(own), content);
  if (S_ISREG(target.now->st_mode)) return replace(target, content);
  return write_through(path, ::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY), content);
}

bool is_own_output(int descriptor) {
  struct stat now {};
  return ::fstat(descriptor, &now) == 0 && own_output(now) >= 0;
}

Status write_below(const fs::path& folder, const fs::path& name, std::string_view content) {
  const fs::path file = folder / name;
  KAIRO_CHECK(make_directory(file.parent_path()));
  return write_file(file, content);
}

}  // namespace kairo::base
