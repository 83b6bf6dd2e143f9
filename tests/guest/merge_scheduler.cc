// SPDX-License-Identifier: GPL-2.0-only
#include "merge_scheduler.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <sstream>

#include "metadata_probe.h"

namespace kairo::testing {
namespace {

// Without a buffer of its own: debugfs makes the text of each read(2) anew.
std::string read_all(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY);
  if (fd < 0) return {};
  std::string text(65536, '\0');
  std::size_t used = 0;
  for (long got = 1; got > 0 && used < text.size(); used += static_cast<std::size_t>(got)) {
    got = ::read(fd, text.data() + used, text.size() - used);
    if (got < 0) break;
  }
  ::close(fd);
  text.resize(used);
  return text;
}

}  // namespace

std::string Scheduler::debug(const std::string& file) const {
  return fmt::format("/sys/kernel/debug/block/{}/sched/{}", disk_, file);
}

std::map<std::string, Scheduler::Row> Scheduler::counters() const {
  std::istringstream in(read_all(debug("counters")));
  std::string line, word;
  expect(static_cast<bool>(std::getline(in, line)), debug("counters") + ": cannot be read");
  std::istringstream header(line);
  std::vector<std::string> columns;
  while (header >> word) columns.push_back(word);
  std::map<std::string, Row> rows;
  while (std::getline(in, line)) {
    std::istringstream words(line);
    std::string cls;
    words >> cls;
    for (std::size_t i = 1; i < columns.size(); ++i) words >> rows[cls][columns[i]];
  }
  expect(rows.count("decode") == 1, debug("counters") + ": no row of decode");
  return rows;
}

std::uint64_t Scheduler::in_flight() const {
  std::istringstream in(read_all(debug("in_flight")));
  std::string line, name;
  std::uint64_t sum = 0, value = 0;
  std::getline(in, line);
  while (std::getline(in, line)) {
    std::istringstream words(line);
    if (words >> name >> value) sum += value;
  }
  return sum;
}

bool Scheduler::has_check() const {
  return ::access(debug("check").c_str(), R_OK) == 0;
}

std::string Scheduler::check() const {
  const std::string text = read_all(debug("check"));
  return text.compare(0, 2, "ok") == 0 ? std::string() : "sched/check: " + text;
}

std::string Scheduler::check_idle() const {
  const std::string text = read_all(debug("check"));
  if (text.compare(0, 2, "ok") != 0) return "sched/check: " + text;
  // "ok", the names of the columns, then a class and its numbers per line
  std::istringstream in(text);
  std::string line, word;
  std::getline(in, line);
  std::getline(in, line);
  unsigned rows = 0;
  for (; std::getline(in, line); ++rows) {
    std::istringstream words(line);
    words >> word;
    while (words >> word)
      if (word != "0") return "sched/check of an idle device: " + text;
  }
  return rows >= 5 ? std::string() : "sched/check has no rows: " + text;
}

std::string Scheduler::queue(const std::string& file) const {
  return fmt::format("/sys/block/{}/queue/{}", disk_, file);
}

bool Scheduler::enabled() const {
  return read_all(queue("iosched/enable")) == "1\n";
}

bool Scheduler::set(const std::string& file, const std::string& value) const {
  const int fd = ::open(queue(file).c_str(), O_WRONLY);
  if (fd < 0) return false;
  const long written = ::write(fd, value.data(), value.size());
  ::close(fd);
  return written == static_cast<long>(value.size());
}

}  // namespace kairo::testing
