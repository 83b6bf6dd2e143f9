// SPDX-License-Identifier: GPL-2.0-only
#include "debian_kernel.h"

#include <algorithm>

#include "apt.h"
#include "kairo/base/files.h"
#include "kairo/base/process.h"
#include "kairo/base/short_names.h"
#include "kairo/base/text.h"

namespace kairo::kernel {
namespace {

using Progress = std::function<void(std::string_view)>;

constexpr std::string_view kHeaders = "linux-headers-";
constexpr std::string_view kArchitecture = "-amd64";
constexpr std::uint64_t kUnpackedBytes = 1ULL << 30;

// "6.12.117-1~deb12u1" to "6.12.117".
std::string_view upstream_of(std::string_view version) {
  return version.substr(0, version.find('-'));
}

// "linux-headers-6.12.117+deb12-amd64" to "6.12.117+deb12"; empty for -cloud-amd64, -rt-amd64 and
// what is not of `upstream`.
std::string abi_of(std::string_view package, std::string_view upstream) {
  if (!package.starts_with(kHeaders) || !package.ends_with(kArchitecture)) return {};
  package.remove_prefix(kHeaders.size());
  package.remove_suffix(kArchitecture.size());
  if (!package.starts_with(upstream) || package.find('-') != std::string_view::npos) return {};
  return std::string(package);
}

// A package of that version among the downloads; empty when there is none.
fs::path downloaded(const CachePaths& paths, const std::string& package,
                    const std::string& version) {
  for (const char* const architecture : {"amd64", "all"}) {
    fs::path deb = paths.downloads / fmt::format("{}_{}_{}.deb", package, version, architecture);
    std::error_code ignored;
    if (fs::exists(deb, ignored)) return deb;
  }
  return {};
}

Result<fs::path> deb_of(const Apt& apt, const CachePaths& paths, const std::string& package,
                        const std::string& version) {
  fs::path deb = downloaded(paths, package, version);
  if (!deb.empty()) return deb;
  KAIRO_CHECK(apt.download(package, version, paths.downloads));
  deb = downloaded(paths, package, version);
  if (!deb.empty()) return deb;
  return fail(ErrorCode::kUnavailable, "{}: apt left no {}_{}_*.deb there",
              paths.downloads.string(), package, version);
}

// The headers name their other half by where it is when they are installed.
Status relocate_headers(const fs::path& root, const fs::path& headers) {
  KAIRO_TRY(const auto text, base::read_file(headers / "Makefile", 1U << 16));
  constexpr std::string_view kInclude = "include /usr/src/";
  if (!text.starts_with(kInclude))
    return bad_input("{}: does not begin with `{}`", (headers / "Makefile").string(), kInclude);
  return base::write_file(headers / "Makefile", "include " + (root / "usr/src").string() + "/" +
                                                    text.substr(kInclude.size()));
}

DebianKernel kernel_in(const fs::path& root, const std::string& release) {
  return {.release = release,
          .image = root / "boot" / ("vmlinuz-" + release),
          .headers = root / "usr/src" / (std::string(kHeaders) + release),
          .modules = root / "lib/modules" / release};
}

}  // namespace

Result<DebianKernel> fetch_debian_kernel(const CachePaths& paths, const std::string& version,
                                         const Progress& on_line) {
  // A folder is there when it is complete. The release is in its name, so that no apt is needed.
  const std::string prefix = version + "_";
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(paths.debian, ignored)) {
    const std::string name = entry.path().filename();
    if (name.starts_with(prefix) && !name.ends_with(".partial"))
      return kernel_in(entry.path(), name.substr(prefix.size()));
  }
  KAIRO_CHECK(base::require_free_space(paths.debian, kUnpackedBytes));
  Apt apt(paths.downloads / "apt");
  const std::string upstream(upstream_of(version));
  KAIRO_TRY(const auto names, apt.names(std::string(kHeaders) + upstream, on_line));
  std::string abi;
  for (const std::string& name : names) {
    if (abi.empty()) abi = abi_of(name, upstream);
  }
  if (abi.empty())
    return fail(ErrorCode::kUnavailable,
                "apt has no {}{}*{}: Debian has gone on to another kernel than the source in the "
                "cache, {} (`kairo kernel clear`, then `kairo kernel fetch`, take what it has)",
                kHeaders, upstream, kArchitecture, version);
  const std::string release = abi + std::string(kArchitecture);
  const fs::path root = paths.debian / (prefix + release);
  const fs::path partial = fs::path(root).concat(".partial");
  fs::remove_all(partial, ignored);
  KAIRO_CHECK(base::make_directory(partial));
  for (const std::string& package :
       {std::string(kHeaders) + release, std::string(kHeaders) + abi + "-common",
        "linux-kbuild-" + abi, "linux-image-" + release}) {
    on_line(fmt::format("downloading and unpacking {} {}", package, version));
    KAIRO_TRY(const auto deb, deb_of(apt, paths, package, version));
    KAIRO_CHECK(extract_package(deb, partial));
  }
  KAIRO_CHECK(relocate_headers(root, kernel_in(partial, release).headers));
  fs::rename(partial, root, ignored);
  if (ignored) return bad_input("{}: {}", root.string(), ignored.message());
  return kernel_in(root, release);
}

Status copy_module(const DebianKernel& kernel, std::string_view name, const fs::path& file) {
  KAIRO_TRY(const auto order, base::read_file(kernel.modules / "modules.order", 1U << 20));
  const std::string ending = fmt::format("/{}.ko", name);
  for (const std::string_view line : base::split_lines(order)) {
    if (!line.ends_with(ending)) continue;
    const fs::path packed = kernel.modules / (std::string(line) + ".xz");
    KAIRO_CHECK(base::require_program("xz", "xz-utils"));
    // xz writes beside what it reads, or to its output, which need not be text.
    KAIRO_TRY(const auto unpacked,
              base::run_ok({.argv = {"xz", "--decompress", "--stdout", packed.string()}}));
    return base::write_file(file, unpacked.out);
  }
  return bad_input("{}: has no module {}", kernel.modules.string(), name);
}

}  // namespace kairo::kernel
