// SPDX-License-Identifier: GPL-2.0-only
#include "plan/environment.h"

#include "kairo/base/files.h"
#include "kairo/base/process.h"
#include "kairo/base/sha256.h"
#include "kairo/kernel/build.h"

namespace kairo::experiments {

namespace fs = std::filesystem;

namespace {

// The first line a program prints; empty when it cannot be had.
std::string first_line(std::vector<std::string> argv) {
  const auto result = base::run({.argv = std::move(argv)});
  if (!result || result->exit_code != 0) return {};
  return result->out.substr(0, result->out.find('\n'));
}

}  // namespace

base::Result<fs::path> find_sampler() {
  return base::find_beside_program({"../experiments/kairo-sampler", "../lib/kairo/kairo-sampler"},
                                   "kairo_sampler");
}

reports::TextMap host_environment(const std::map<std::string, fs::path>& kernel_images,
                                  const fs::path& engine) {
  reports::TextMap out;
  const std::string root = base::data_dir().string();
  const std::string version =
      first_line({"git", "-C", root, "describe", "--always", "--dirty", "--abbrev=12"});
  if (!version.empty()) out.emplace("tool", version);
  const std::string qemu = first_line({"qemu-system-x86_64", "--version"});
  if (!qemu.empty()) out.emplace("qemu", qemu);
  if (const auto hash = base::sha256_file(engine)) out.emplace("engine_sha256", *hash);
  for (const auto& [kernel, image] : kernel_images) {
    const std::string suffix = kernel.empty() ? "" : "_" + kernel;
    if (const auto id = kernel::image_build_id(image)) {
      out.emplace("series" + suffix, id->series);
      out.emplace("config_sha256" + suffix, id->config);
    }
    if (const auto hash = base::sha256_file(image))
      out.emplace("kernel_image_sha256" + suffix, *hash);
  }
  return out;
}

}  // namespace kairo::experiments
