// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/engine/workload.h"

#include <optional>
#include <set>
#include <utility>

#include "kairo/base/files.h"
#include "kairo/base/short_names.h"
#include "kairo/base/text.h"
#include "kairo/base/units.h"

namespace kairo::engine {
namespace {

using base::excerpt;

constexpr std::string_view kMagic = "# kairo-workload 1";
constexpr std::string_view kMagicPrefix = "# kairo-workload ";
constexpr std::string_view kColumns = "time_ns,class,offset,length,session";
constexpr std::string_view kEndPrefix = "# end records=";
constexpr std::size_t kMaxLine = 4096;
constexpr std::size_t kMaxHeaderLines = 256;
constexpr std::string_view kRewrite = "write the file again with `kairo trace import`";

class Parser {
 public:
  Parser(std::string_view text, std::string_view name) : rest_(text), name_(name) {}

  Result<Workload> parse() {
    KAIRO_CHECK(header());
    for (;;) {
      if (!next()) return truncated("it ends without the line '# end records=N'");
      if (!terminated_) return truncated("its last line has no line end");
      if (line_.starts_with('#')) break;
      KAIRO_CHECK(record());
    }
    KAIRO_CHECK(trailer());
    return std::move(workload_);
  }

 private:
  // Steps to the next line; false at the end of the text.
  bool next() {
    if (rest_.empty()) return false;
    const std::size_t end = rest_.find('\n');
    terminated_ = end != std::string_view::npos;
    line_ = rest_.substr(0, end);
    rest_.remove_prefix(terminated_ ? end + 1 : rest_.size());
    ++line_number_;
    return true;
  }

  template <class... Args>
  tl::unexpected<base::Error> wrong(fmt::format_string<Args...> text, Args&&... args) const {
    return bad_input("{}:{}: {}", name_, line_number_,
                     fmt::format(text, std::forward<Args>(args)...));
  }

  tl::unexpected<base::Error> truncated(std::string_view what) const {
    return bad_input("{}:{}: truncated workload: {} ({})", name_, line_number_, what, kRewrite);
  }

  Status header() {
    if (!next()) return bad_input("{}: is empty, not a workload ({})", name_, kRewrite);
    if (line_ != kMagic) {
      if (line_.ends_with('\r'))
        return wrong("lines end with CR LF (convert to LF, e.g. with dos2unix)");
      if (line_.starts_with(kMagicPrefix))
        return wrong("format version '{}' is not 1 ({})",
                     excerpt(line_.substr(kMagicPrefix.size())), kRewrite);
      return wrong("not a workload: the first line is '{}', expected '{}' ({})", excerpt(line_),
                   kMagic, kRewrite);
    }
    std::set<std::string, std::less<>> seen;
    for (std::size_t lines = 0;; ++lines) {
      if (!next()) return truncated("it ends inside the header");
      if (line_ == kColumns) break;
      if (lines == kMaxHeaderLines)
        return wrong("more than {} header lines before '{}'", kMaxHeaderLines, kColumns);
      KAIRO_CHECK(header_line(seen));
    }
    for (const char* key : {"device_bytes", "records", "duration_ns", "source", "sample"}) {
      if (!seen.contains(key))
        return wrong("the header has no '# {}=' line (add it above this line)", key);
    }
    if (workload_.device_bytes < kBlockBytes || workload_.device_bytes > kMaxDeviceBytes)
      return wrong("device_bytes={} is outside {} .. {}", workload_.device_bytes, kBlockBytes,
                   kMaxDeviceBytes);
    if (workload_.duration_ns > kMaxDurationNs)
      return wrong("duration_ns={} is more than 30 days", workload_.duration_ns);
    if (expected_records_ == 0 || expected_records_ > kMaxRecords)
      return wrong("records={} is outside 1 .. {} (import a shorter window or a smaller scale)",
                   expected_records_, kMaxRecords);
    // The declared number is only believed as far as the text could hold it.
    workload_.records.reserve(std::min<std::uint64_t>(expected_records_, rest_.size() / 16));
    return {};
  }

  Status header_line(std::set<std::string, std::less<>>& seen) {
    if (line_.size() > kMaxLine) return wrong("header line longer than {} bytes", kMaxLine);
    const std::size_t equal = line_.find('=');
    if (!line_.starts_with("# ") || equal == std::string_view::npos || equal < 3)
      return wrong("'{}' is neither a '# key=value' line nor the column line '{}'", excerpt(line_),
                   kColumns);
    const std::string_view key = line_.substr(2, equal - 2);
    const std::string_view value = line_.substr(equal + 1);
    if (!seen.emplace(key).second) return wrong("'{}' is given twice", excerpt(key));
    if (key == "source") workload_.source = value;
    if (key == "sample") {
      if (value != "true" && value != "false")
        return wrong("sample={} is neither true nor false", excerpt(value));
      workload_.sample = value == "true";
    }
    for (const auto& [name, target] : {std::pair{"device_bytes", &workload_.device_bytes},
                                       std::pair{"duration_ns", &workload_.duration_ns},
                                       std::pair{"records", &expected_records_}}) {
      if (key != name) continue;
      const auto parsed = base::parse_u64(value);
      if (!parsed) return wrong("{}='{}' is not a whole number", name, excerpt(value));
      *target = *parsed;
    }
    return {};
  }

  Status record() {
    std::array<std::string_view, 5> field;
    std::string_view left = line_;
    for (std::size_t i = 0; i < field.size(); ++i) {
      const std::size_t comma = left.find(',');
      const bool last = i + 1 == field.size();
      if (last != (comma == std::string_view::npos))
        return wrong("'{}' has not the five fields {}", excerpt(line_), kColumns);
      field[i] = left.substr(0, comma);
      left.remove_prefix(last ? left.size() : comma + 1);
    }
    const auto time = base::parse_u64(field[0]);
    if (!time) return wrong("time_ns '{}' is not a whole number", excerpt(field[0]));
    const auto cls = hint::parse_class(field[1]);
    if (!cls || *cls == hint::Class::kNormal)
      return wrong("class '{}' is not one of decode, prefetch, prefill, evict", excerpt(field[1]));
    const auto offset = base::parse_u64(field[2]);
    if (!offset) return wrong("offset '{}' is not a whole number", excerpt(field[2]));
    const auto length = base::parse_u64(field[3]);
    if (!length) return wrong("length '{}' is not a whole number", excerpt(field[3]));
    const auto session = base::parse_u64(field[4]);
    if (!session || *session > UINT32_MAX)
      return wrong("session '{}' is not a number of 32 bits", excerpt(field[4]));
    return add(*time, *cls, *offset, *length, static_cast<std::uint32_t>(*session));
  }

  Status add(std::uint64_t time, hint::Class cls, std::uint64_t offset, std::uint64_t length,
             std::uint32_t session) {
    const bool evict = cls == hint::Class::kEvict;
    const std::uint64_t most = evict ? kMaxEvictBytes : kMaxDataBytes;
    if (!workload_.records.empty() && time < workload_.records.back().time_ns)
      return wrong("time_ns {} is before the record above, {} (sort the records by time)", time,
                   workload_.records.back().time_ns);
    if (time > workload_.duration_ns)
      return wrong("time_ns {} is after duration_ns={} of the header", time, workload_.duration_ns);
    if (offset % kBlockBytes != 0) return wrong("offset {} is not a multiple of 4096", offset);
    if (length < kBlockBytes || length > most || length % kBlockBytes != 0)
      return wrong("length {} of class {} is not a multiple of 4096 in 4096 .. {} (split it)",
                   length, hint::name(cls), most);
    if (offset > workload_.device_bytes || length > workload_.device_bytes - offset)
      return wrong("offset {} + length {} is past the end of the device, device_bytes={}", offset,
                   length, workload_.device_bytes);
    if (workload_.records.size() == expected_records_)
      return wrong("more records than records={} of the header ({})", expected_records_, kRewrite);
    workload_.records.push_back({time, offset, static_cast<std::uint32_t>(length), session, cls});
    workload_.ios[hint::index(cls)] += 1;
    workload_.bytes[hint::index(cls)] += length;
    if (!evict)
      workload_.max_data_length =
          std::max(workload_.max_data_length, static_cast<std::uint32_t>(length));
    return {};
  }

  Status trailer() {
    if (!line_.starts_with(kEndPrefix))
      return wrong("'{}' among the records: only '# end records=N' may follow them",
                   excerpt(line_));
    const auto count = base::parse_u64(line_.substr(kEndPrefix.size()));
    if (!count) return wrong("'{}' is not '# end records=N'", excerpt(line_));
    if (*count != workload_.records.size() || *count != expected_records_)
      return wrong("{} records were read, the header says {}, the end line says {} ({})",
                   workload_.records.size(), expected_records_, *count, kRewrite);
    if (next()) return wrong("there is text after the end line (cut the file there)");
    return {};
  }

  std::string_view rest_;
  std::string_view name_;
  std::string_view line_;
  std::uint64_t line_number_ = 0;
  bool terminated_ = false;
  std::uint64_t expected_records_ = 0;
  Workload workload_;
};

}  // namespace

Result<Workload> parse_workload(std::string_view text, std::string_view name) {
  return Parser(text, name).parse();
}

Result<Workload> read_workload(const std::filesystem::path& path) {
  KAIRO_TRY(const auto text, base::read_file(path, 4ULL << 30));
  return parse_workload(text, path.string());
}

}  // namespace kairo::engine
