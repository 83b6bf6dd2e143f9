// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/inspect/snapshot.h"

#include <sys/utsname.h>

#include <algorithm>
#include <set>

#include "device_name.h"
#include "kairo/base/files.h"
#include "kairo/base/text.h"
#include "sysfs_file.h"

namespace kairo::inspect {

namespace fs = std::filesystem;
using base::Result;

namespace {

constexpr std::uint64_t kLargestFile = 64ULL << 20;

// Empty when there is none.
std::string active_scheduler(const fs::path& queue) {
  return std::string(base::selected(read_sysfs_line(queue / "scheduler").value_or("")));
}

fs::path path_of(const Source& source, const fs::path& root, std::string_view device) {
  std::string where(source.where);
  if (const auto at = where.find("DEV"); at != std::string::npos) where.replace(at, 3, device);
  return root / "sys" / where;
}

using Readings = std::vector<Reading>;

// The header lines of a table begin with the name of a key.
bool is_header(std::string_view first) {
  return first == "class" || first == "pool";
}

Readings read_table(const Source& source, std::string_view text) {
  Readings out;
  std::vector<std::string_view> header;
  for (const std::string_view line : base::split_lines(text)) {
    const auto words = base::split_words(line);
    if (words.empty()) continue;
    if (is_header(words[0])) {
      header = words;
      continue;
    }
    std::string row;
    for (std::size_t i = 0; i < words.size() && i < header.size(); ++i) {
      if (i < source.keys)
        row += fmt::format("{}{}", row.empty() ? "" : " ", words[i]);
      else
        out.push_back(
            {std::string(source.name), row, std::string(header[i]), std::string(words[i])});
    }
  }
  return out;
}

// The columns as names without a value.
Readings read_log(const Source& source, std::string_view text) {
  Readings out;
  for (const std::string_view word : base::split_words(text.substr(0, text.find('\n'))))
    out.push_back({std::string(source.name), "", std::string(word), ""});
  return out;
}

Readings read_key_values(const Source& source, std::string_view text) {
  Readings out;
  for (const std::string_view line : base::split_lines(text)) {
    const auto words = base::split_words(line);
    if (words.size() == 2)
      out.push_back({std::string(source.name), "", std::string(words[0]), std::string(words[1])});
  }
  return out;
}

Readings read_directory(const Source& source, const fs::path& directory) {
  Readings out;
  std::error_code status;
  for (const auto& entry : fs::directory_iterator(directory, status)) {
    const bool is_event = source.shape == SourceShape::kEvents;
    if (entry.is_directory(status) != is_event) continue;
    out.push_back({std::string(source.name), "", entry.path().filename().string(),
                   is_event ? std::string() : read_sysfs_line(entry.path()).value_or("")});
  }
  std::sort(out.begin(), out.end(),
            [](const Reading& a, const Reading& b) { return a.name < b.name; });
  return out;
}

Result<Readings> read_source(const Source& source, const fs::path& where) {
  if (source.shape == SourceShape::kFiles || source.shape == SourceShape::kEvents)
    return read_directory(source, where);
  KAIRO_TRY(const auto text, base::read_file(where, kLargestFile));
  if (source.shape == SourceShape::kKeyValues) return read_key_values(source, text);
  return source.shape == SourceShape::kLog ? read_log(source, text) : read_table(source, text);
}

// What the table and the kernel do not agree about.
void compare_names(const Source& source, const Readings& found, Snapshot& snapshot) {
  std::set<std::string_view> there;
  for (const Reading& reading : found) there.insert(reading.name);
  for (const KnownName& known : known_names())
    if (known.source == source.name && known.always && there.count(known.name) == 0)
      snapshot.missing.push_back(fmt::format("{}/{}", source.name, known.name));
  if (!source.complete) return;
  for (const std::string_view name : there)
    if (find_name(source.name, name) == nullptr)
      snapshot.unlisted.push_back(fmt::format("{}/{}", source.name, name));
}

// Without debugfs nearly everything would be missing, and the reason would not be the kernel's.
base::Status require_debugfs(const fs::path& root) {
  const fs::path debug = root / "sys/kernel/debug";
  std::error_code status;
  if (fs::exists(debug / "block", status)) return {};
  return base::fail(base::ErrorCode::kUnavailable,
                    "{}: cannot be read (be root; mount -t debugfs none /sys/kernel/debug)",
                    debug.string());
}

}  // namespace

Result<Snapshot> read_snapshot(const fs::path& root, std::string_view asked) {
  KAIRO_TRY(const auto name, block_name(root / "sys", asked));
  const std::string& device = name;
  const fs::path queue = root / "sys/block" / device / "queue";
  std::error_code status;
  KAIRO_CHECK(require_debugfs(root));

  Snapshot out;
  utsname system{};
  uname(&system);
  out.kernel = root == "/" ? system.release : "captured";
  out.device = device;
  out.scheduler = active_scheduler(queue);
  for (const Source& source : sources()) {
    const fs::path where = path_of(source, root, device);
    if ((!source.scheduler.empty() && source.scheduler != out.scheduler) ||
        !fs::exists(where, status)) {
      out.absent.emplace_back(source.name);
      continue;
    }
    KAIRO_TRY(auto found, read_source(source, where));
    compare_names(source, found, out);
    for (Reading& reading : found)
      if (source.complete || find_name(source.name, reading.name) != nullptr)
        out.readings.push_back(std::move(reading));
  }
  return out;
}

std::vector<std::string> devices_with(const fs::path& root, std::string_view scheduler) {
  std::vector<std::string> out;
  std::error_code status;
  for (const auto& entry : fs::directory_iterator(root / "sys/block", status))
    if (active_scheduler(entry.path() / "queue") == scheduler)
      out.push_back(entry.path().filename().string());
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace kairo::inspect
