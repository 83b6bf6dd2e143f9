// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/base/files.h"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>

#include "kairo/base/units.h"

namespace kairo::base {

namespace fs = std::filesystem;

int report_error(const Error& error) {
  fmt::print(stderr, "kairo: {}\n", error.message);
  return static_cast<int>(error.code);
}

Result<std::string> read_file(const fs::path& path, std::uint64_t limit_bytes) {
  std::error_code status;
  if (!fs::exists(path, status)) return bad_input("{}: no such file", path.string());
  if (fs::is_directory(path, status)) return bad_input("{}: is a directory", path.string());
  std::ifstream in(path, std::ios::binary);
  if (!in) return bad_input("{}: cannot be opened for reading", path.string());
  std::string content;
  std::string chunk(1U << 16, '\0');
  // sysfs and procfs report a size of 0 or 4096, so the size is what was read.
  while (in) {
    in.read(chunk.data(), static_cast<std::streamsize>(chunk.size()));
    content.append(chunk.data(), static_cast<std::size_t>(in.gcount()));
    if (content.size() > limit_bytes)
      return bad_input("{}: larger than the {} this reader accepts", path.string(),
                       format_bytes(limit_bytes));
  }
  if (in.bad()) return bad_input("{}: read error", path.string());
  return content;
}

Result<TempDir> TempDir::create(std::string_view prefix, const fs::path& base) {
  const char* const tmpdir = std::getenv("TMPDIR");
  const fs::path parent = !base.empty() ? base : fs::path(tmpdir != nullptr ? tmpdir : "/tmp");
  std::string name = (parent / fmt::format("{}XXXXXX", prefix)).string();
  if (::mkdtemp(name.data()) == nullptr)
    return bad_input("{}: no temporary directory can be made: {}", parent.string(),
                     std::strerror(errno));
  return TempDir(name);
}

TempDir::TempDir(TempDir&& other) noexcept : path_(std::move(other.path_)) {
  other.path_.clear();
}

TempDir& TempDir::operator=(TempDir&& other) noexcept {
  std::swap(path_, other.path_);
  return *this;
}

TempDir::~TempDir() {
  std::error_code ignored;
  if (!path_.empty()) fs::remove_all(path_, ignored);
}

Status require_free_space(const fs::path& path, std::uint64_t needed_bytes) {
  std::error_code status;
  fs::path existing = fs::absolute(path, status);
  while (!fs::exists(existing, status) && existing.has_relative_path())
    existing = existing.parent_path();
  const fs::space_info space = fs::space(existing, status);
  if (status) return bad_input("{}: free space unknown: {}", existing.string(), status.message());
  if (space.available < needed_bytes)
    return fail(ErrorCode::kUnavailable,
                "{}: {} free, {} needed (free some, or set KAIRO_CACHE to another disk)",
                existing.string(), format_bytes(space.available), format_bytes(needed_bytes));
  return {};
}

fs::path cache_dir() {
  if (const char* const cache = std::getenv("KAIRO_CACHE"); cache != nullptr && *cache != '\0')
    return cache;
  const char* const home = std::getenv("HOME");
  return fs::path(home != nullptr ? home : "/var/cache") / ".cache" / "kairo";
}

fs::path data_dir() {
  if (const char* const home = std::getenv("KAIRO_HOME"); home != nullptr && *home != '\0')
    return home;
  std::error_code status;
  const fs::path executable = fs::read_symlink("/proc/self/exe", status);
  const fs::path installed = executable.parent_path().parent_path() / "share" / "kairo";
  if (!status && fs::is_directory(installed, status)) return installed;
  return KAIRO_SOURCE_DIR;
}

fs::path find_program(std::string_view name) {
  const char* const path = std::getenv("PATH");
  std::string_view rest = path != nullptr ? path : "/usr/bin:/bin";
  while (!rest.empty()) {
    const auto colon = rest.find(':');
    const fs::path candidate = fs::path(rest.substr(0, colon)) / name;
    if (::access(candidate.c_str(), X_OK) == 0) return candidate;
    rest = colon == std::string_view::npos ? std::string_view{} : rest.substr(colon + 1);
  }
  return {};
}

Result<fs::path> find_beside_program(std::initializer_list<const char*> places,
                                     std::string_view target) {
  std::error_code status;
  const fs::path bin = fs::read_symlink("/proc/self/exe", status).parent_path();
  for (const char* const place : places) {
    const fs::path file = (bin / place).lexically_normal();
    if (fs::is_regular_file(file, status)) return file;
  }
  return fail(ErrorCode::kUnavailable,
              "{}: no such file (build it: cmake --build build/default --target {})",
              (bin / *places.begin()).lexically_normal().string(), target);
}

Status require_program(std::string_view program, std::string_view debian_package) {
  if (!find_program(program).empty()) return {};
  return fail(ErrorCode::kUnavailable, "{}: not found on PATH (apt-get install {})", program,
              debian_package);
}

}  // namespace kairo::base
