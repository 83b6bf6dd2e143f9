// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "kairo/base/result.h"

namespace kairo::kernel {

// apt, asked for one package without changing the system: its sources and keys are used as they
// are, lists that have to be fetched go to a private folder.
class Apt {
 public:
  explicit Apt(std::filesystem::path private_folder) : private_(std::move(private_folder)) {}

  // Versions on offer, newest first. Fetches private lists when the system's have none of
  // `package`.
  base::Result<std::vector<std::string>> versions(
      const std::string& package, const std::function<void(std::string_view)>& on_line);

  // Packages whose names begin with `prefix`, by the same lists.
  base::Result<std::vector<std::string>> names(
      const std::string& prefix, const std::function<void(std::string_view)>& on_line);

  // Downloads one version as a .deb into `folder`; apt verifies its origin.
  [[nodiscard]] base::Status download(const std::string& package, const std::string& version,
                                      const std::filesystem::path& folder) const;

 private:
  [[nodiscard]] std::vector<std::string> options() const;

  // What apt-cache says to `question`, which is about `what`.
  base::Result<std::string> ask(const std::vector<std::string>& question, const std::string& what,
                                const std::function<void(std::string_view)>& on_line);

  std::filesystem::path private_;
  bool use_private_ = false;
};

// Unpacks the files of a .deb below `folder`; kInput, with the remedy, when it is none.
base::Status extract_package(const std::filesystem::path& deb, const std::filesystem::path& folder);

}  // namespace kairo::kernel
