// SPDX-License-Identifier: GPL-2.0-only
#include "nvme_guest.h"

#include <gtest/gtest.h>

#include <fstream>

namespace kairo::testing {

using Json = nlohmann::json;
namespace {

void add_drive(kernel::GuestSpec& spec, const std::string& node,
               const std::vector<std::string>& devices) {
  kernel::use_host_time(spec);
  spec.qemu_arguments.insert(spec.qemu_arguments.end(), {"-blockdev", node + ",node-name=drive"});
  for (const std::string& device : devices)
    spec.qemu_arguments.insert(spec.qemu_arguments.end(), {"-device", device});
}

}  // namespace

void add_emulated_drive(kernel::GuestSpec& spec, unsigned mib,
                        const std::vector<std::string>& devices) {
  add_drive(spec, fmt::format("null-co,read-zeroes=on,size={}", std::uint64_t{mib} << 20), devices);
}

void add_stored_drive(kernel::GuestSpec& spec, const std::filesystem::path& file, unsigned mib,
                      const std::vector<std::string>& devices) {
  std::ofstream(file, std::ios::trunc).close();
  std::filesystem::resize_file(file, std::uint64_t{mib} << 20);
  add_drive(spec, fmt::format("file,filename={},discard=unmap", file.string()), devices);
}

void add_nvme(kernel::GuestSpec& spec, unsigned mib, const std::vector<std::string>& devices) {
  add_emulated_drive(spec, mib, devices);
  spec.programs.emplace_back(KAIRO_COMMAND_PATH);
  spec.files.push_back({KAIRO_COMMAND_PATH, "/kairo/command"});
  spec.script += R"sh(
inspect() { /kairo/command device inspect nvme0n1 --json > /out/$1 || fail "device inspect"; }
)sh";
}

Json saved_facts(const std::filesystem::path& file) {
  const auto text = base::read_file(file);
  const Json json = Json::parse(text.value_or(""), nullptr, false);
  if (json.is_object()) return json.at("facts");
  ADD_FAILURE() << file << ": " << text.value_or("cannot be read");
  return Json::object();
}

Json fact(const Json& facts, const std::string& group, const std::string& name) {
  return facts.value(group, Json::object()).value(name, Json::object()).value("value", Json());
}

}  // namespace kairo::testing
