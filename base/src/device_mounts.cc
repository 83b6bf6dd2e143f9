// SPDX-License-Identifier: GPL-2.0-only
#include "device_mounts.h"

#include <libmount.h>

#include <algorithm>
#include <memory>
#include <set>

namespace kairo::base {

namespace fs = std::filesystem;

namespace {

struct FreeTable {
  void operator()(libmnt_table* table) const { mnt_unref_table(table); }
};
struct FreeIterator {
  void operator()(libmnt_iter* iterator) const { mnt_free_iter(iterator); }
};
using Table = std::unique_ptr<libmnt_table, FreeTable>;
using Iterator = std::unique_ptr<libmnt_iter, FreeIterator>;

template <class Take>
bool for_each(const Table& table, Take take) {
  const Iterator iterator(mnt_new_iter(MNT_ITER_FORWARD));
  if (!iterator) return false;
  libmnt_fs* entry = nullptr;
  int status = 0;
  while ((status = mnt_table_next_fs(table.get(), iterator.get(), &entry)) == 0) take(entry);
  return status == 1;
}

std::string text(const char* value) {
  return value == nullptr ? std::string() : std::string(value);
}

// False when the list cannot be read.
bool add_mounts(const fs::path& mountinfo, const std::string& whose, std::vector<Mount>& out) {
  const Table table(mnt_new_table_from_file(mountinfo.c_str()));
  return table && for_each(table, [&](libmnt_fs* entry) {
           out.push_back({mnt_fs_get_devno(entry),
                          whose.empty() ? text(mnt_fs_get_srcpath(entry)) : std::string(),
                          text(mnt_fs_get_target(entry)) + whose});
         });
}

// Another namespace's list helps, and a process that ends meanwhile or belongs to somebody else
// does not matter: exclusive_uses() sees what these have.
void add_other_namespaces(const SystemPaths& system, std::vector<Mount>& out) {
  std::error_code status;
  std::set<fs::path> seen = {fs::read_symlink(system.proc / "self/ns/mnt", status)};
  for (const auto& entry : fs::directory_iterator(system.proc, status)) {
    const std::string pid = entry.path().filename().string();
    if (!std::all_of(pid.begin(), pid.end(), [](char c) { return c >= '0' && c <= '9'; })) continue;
    const fs::path space = fs::read_symlink(entry.path() / "ns/mnt", status);
    if (status || !seen.insert(space).second) continue;
    add_mounts(entry.path() / "mountinfo",
               fmt::format(" (in the mount namespace of process {})", pid), out);
  }
}

}  // namespace

Result<std::vector<Mount>> read_mounts(const SystemPaths& system) {
  std::vector<Mount> out;
  const fs::path own = system.proc / "self/mountinfo";
  if (!add_mounts(own, "", out))
    return bad_input("{}: cannot be read, so what is mounted is unknown", own.string());
  if (out.empty()) return bad_input("{}: is empty, so what is mounted is unknown", own.string());
  add_other_namespaces(system, out);
  return out;
}

Result<std::vector<std::string>> read_swaps(const SystemPaths& system) {
  const fs::path file = system.proc / "swaps";
  std::error_code status;
  std::vector<std::string> out;
  // read_mounts() has found /proc there: a kernel without swap has no such file.
  if (!fs::exists(file, status) && !status) return out;
  const Table table(mnt_new_table());
  if (!table || mnt_table_parse_swaps(table.get(), file.c_str()) != 0 ||
      !for_each(table, [&](libmnt_fs* entry) { out.push_back(text(mnt_fs_get_srcpath(entry))); }))
    return bad_input("{}: cannot be read, so what is swapped to is unknown", file.string());
  return out;
}

}  // namespace kairo::base
