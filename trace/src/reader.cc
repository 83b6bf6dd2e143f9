// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/trace/reader.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>
#include <utility>

#include "kairo/base/units.h"

namespace kairo::trace {
namespace {

using base::bad_input;
using base::Error;
using base::ErrorCode;
using base::fail;
using base::Result;
using base::Status;
using nlohmann::json;

constexpr std::size_t kMaxLine = 4U << 20;
constexpr std::uint64_t kMaxTokens = 1ULL << 24;  // of one request
constexpr std::uint64_t kNsPerMs = 1'000'000;
constexpr std::uint64_t kMaxTimeMs = 1ULL << 43;  // the year 2248, if it counts from 1970
constexpr std::uint64_t kMaxSpanNs = 3653ULL * 86400 * 1'000'000'000;
constexpr std::string_view kAzureHeader = "TIMESTAMP,ContextTokens,GeneratedTokens";

// A piece of a hostile line for a message: short and printable.
std::string excerpt(std::string_view text) {
  std::string out;
  for (const char c : text.substr(0, 40)) out += c >= 0x20 && c < 0x7f ? c : '?';
  return text.size() > 40 ? out + "..." : out;
}

// A value for a message. Lists and objects may be nested a million deep, and dump() recurses.
std::string shown(const json& value) {
  if (value.is_structured()) return std::string("of type ") + value.type_name();
  return excerpt(value.dump(-1, ' ', false, json::error_handler_t::replace));
}

// `digits` decimal digits of `text` from `at` on.
std::optional<std::uint32_t> digits(std::string_view text, std::size_t at, std::size_t count) {
  if (at + count > text.size()) return std::nullopt;
  std::uint32_t value = 0;
  for (const char c : text.substr(at, count)) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<std::uint32_t>(c - '0');
  }
  return value;
}

// Days since 0000-03-01 of the proleptic Gregorian calendar.
std::uint64_t day_number(std::uint64_t year, std::uint64_t month, std::uint64_t day) {
  const std::uint64_t y = month <= 2 ? year - 1 : year;
  const std::uint64_t m = month <= 2 ? month + 9 : month - 3;
  return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1;
}

}  // namespace

std::string_view format_name(Format format) {
  return format == Format::kMooncake ? "mooncake" : "azure";
}

Result<RequestReader> RequestReader::open(const std::filesystem::path& path,
                                          std::optional<Format> format,
                                          std::uint32_t block_tokens) {
  std::error_code error;
  // Import reads the file twice, so a pipe will not do.
  if (!std::filesystem::is_regular_file(path, error))
    return bad_input(
        "{}: {} (give a trace in Mooncake JSONL or Azure CSV format)", path.string(),
        std::filesystem::exists(path, error) ? "is not a regular file" : "no such file");
  auto stream = std::make_unique<std::ifstream>(path, std::ios::binary);
  if (!*stream) return bad_input("{}: cannot be read (check its permissions)", path.string());
  return from_stream(std::move(stream), path.string(), format, block_tokens);
}

Result<RequestReader> RequestReader::from_stream(std::unique_ptr<std::istream> stream,
                                                 std::string name, std::optional<Format> format,
                                                 std::uint32_t block_tokens) {
  RequestReader reader(std::move(stream), std::move(name), block_tokens);
  if (auto ok = reader.detect(format); !ok) return fail(ok.error());
  return reader;
}

Error RequestReader::wrong(std::string message) const {
  return Error{ErrorCode::kInput, fmt::format("{}:{}: {}", name_, line_number_, message)};
}

Result<bool> RequestReader::read_line() {
  if (held_) {
    held_ = false;
    return true;
  }
  line_.clear();
  ++line_number_;
  // getline() with a bound: a file without line ends must not fill the memory.
  std::array<char, 65536> part{};
  for (;;) {
    stream_->getline(part.data(), part.size());
    const auto got = static_cast<std::size_t>(stream_->gcount());
    if (stream_->bad())
      return fail(wrong("reading failed (input/output error of the file system)"));
    if (stream_->eof()) {
      terminated_ = false;
      line_.append(part.data(), got);
      break;
    }
    terminated_ = !stream_->fail();
    line_.append(part.data(), terminated_ ? got - 1 : got);
    if (line_.size() > kMaxLine)
      return fail(
          wrong(fmt::format("the line is longer than {} bytes (is this a trace?)", kMaxLine)));
    if (terminated_) break;
    stream_->clear();
  }
  const bool any = terminated_ || !line_.empty();
  if (line_.ends_with('\r')) line_.pop_back();
  return any;
}

Status RequestReader::detect(std::optional<Format> asked) {
  const auto got = read_line();
  if (!got) return fail(got.error());
  if (!*got || line_.empty())
    return bad_input("{}: is empty (give a trace with at least one request)", name_);
  if (line_.starts_with("\xEF\xBB\xBF")) line_.erase(0, 3);  // a byte order mark
  const std::size_t first = line_.find_first_not_of(" \t");
  const bool mooncake = first != std::string::npos && line_[first] == '{';
  const bool azure = line_.starts_with("TIMESTAMP,");
  if (line_.starts_with("# kairo-workload"))
    return fail(wrong("is a workload already, not a trace (use `kairo trace inspect`)"));
  if (!asked && !mooncake && !azure)
    return fail(wrong(
        fmt::format("'{}' is neither a Mooncake record nor the Azure header '{}' (give --format)",
                    excerpt(line_), kAzureHeader)));
  format_ = asked.value_or(mooncake ? Format::kMooncake : Format::kAzure);
  if (format_ == Format::kMooncake) {
    held_ = true;
    return {};
  }
  if (line_ != kAzureHeader)
    return fail(
        wrong(fmt::format("the header is '{}', expected '{}'", excerpt(line_), kAzureHeader)));
  return {};
}

Result<std::optional<Request>> RequestReader::next() {
  const auto got = read_line();
  if (!got) return fail(got.error());
  if (!*got) return std::optional<Request>();
  if (line_.empty()) return fail(wrong("the line is empty (remove it)"));
  auto request = format_ == Format::kMooncake ? parse_mooncake() : parse_azure();
  if (!request) return fail(request.error());
  if (request->time_ns < last_time_)
    return fail(wrong(
        fmt::format("the request arrives {} before the one above (sort the trace by its timestamp)",
                    base::format_duration_ns(static_cast<double>(last_time_ - request->time_ns)))));
  last_time_ = request->time_ns;
  if (!first_time_) first_time_ = request->time_ns;
  request->time_ns -= *first_time_;
  if (request->time_ns > kMaxSpanNs)
    return fail(
        wrong("the request arrives more than ten years after the first one (is the "
              "timestamp right?)"));
  return std::optional<Request>(std::move(*request));
}

Status RequestReader::check_tokens(std::uint64_t value, std::string_view field) const {
  if (value <= kMaxTokens) return {};
  return fail(wrong(fmt::format("{} {} is more than {} tokens (is the column right?)", field, value,
                                kMaxTokens)));
}

Result<Request> RequestReader::parse_mooncake() {
  const json record = json::parse(line_, nullptr, false);
  if (record.is_discarded()) {
    const bool cut = !terminated_ && line_.find('}') == std::string::npos;
    return fail(wrong(cut ? "truncated: the last line ends inside a record (get the file again, or "
                            "delete the line)"
                          : fmt::format("'{}' is not JSON (one record per line)", excerpt(line_))));
  }
  if (!record.is_object())
    return fail(
        wrong(fmt::format("'{}' is not a JSON object (expected timestamp, input_length, "
                          "output_length, hash_ids)",
                          excerpt(line_))));
  std::array<std::uint64_t, 3> value{};
  constexpr std::array<const char*, 3> kFields = {"timestamp", "input_length", "output_length"};
  for (std::size_t i = 0; i < kFields.size(); ++i) {
    const auto field = record.find(kFields[i]);
    if (field == record.end())
      return fail(
          wrong(fmt::format("the record has no \"{}\" (is it a Mooncake trace?)", kFields[i])));
    if (!field->is_number_unsigned())
      return fail(wrong(
          fmt::format("\"{}\" is {}, not a whole number from 0 on", kFields[i], shown(*field))));
    value[i] = field->get<std::uint64_t>();
  }
  if (value[0] > kMaxTimeMs)
    return fail(
        wrong(fmt::format("\"timestamp\" {} is too large (it counts milliseconds)", value[0])));
  if (auto ok = check_tokens(value[1], "\"input_length\""); !ok) return fail(ok.error());
  if (auto ok = check_tokens(value[2], "\"output_length\""); !ok) return fail(ok.error());

  Request request;
  request.time_ns = value[0] * kNsPerMs;
  request.input_tokens = static_cast<std::uint32_t>(value[1]);
  request.output_tokens = static_cast<std::uint32_t>(value[2]);
  const auto ids = record.find("hash_ids");
  if (ids == record.end() || !ids->is_array())
    return fail(wrong("the record has no list \"hash_ids\" (is it a Mooncake trace?)"));
  const std::uint64_t expected = (value[1] + block_tokens_ - 1) / block_tokens_;
  if (ids->size() != expected)
    return fail(wrong(fmt::format(
        "\"hash_ids\" has {} blocks, an input of {} tokens has {} of {} (give --block-tokens)",
        ids->size(), value[1], expected, block_tokens_)));
  request.blocks.reserve(ids->size());
  for (const json& id : *ids) {
    if (!id.is_number_unsigned() || id.get<std::uint64_t>() >= kFirstOwnId)
      return fail(wrong(fmt::format("hash id {} is not a whole number below 2^62", shown(id))));
    request.blocks.push_back(id.get<std::uint64_t>());
  }
  std::vector<std::uint64_t> sorted = request.blocks;
  std::sort(sorted.begin(), sorted.end());
  const auto twice = std::adjacent_find(sorted.begin(), sorted.end());
  if (twice != sorted.end())
    return fail(wrong(fmt::format(
        "hash id {} stands twice in one request (ids name a prefix, so they cannot repeat)",
        *twice)));
  const auto generated = record.find("generated");
  request.generated =
      generated != record.end() && generated->is_boolean() && generated->get<bool>();
  return request;
}

// 2023-11-16 18:17:03.9799600, with up to nine digits of fraction; +00:00 or Z may follow.
Result<std::uint64_t> RequestReader::azure_time(std::string_view text) const {
  std::string_view rest = text;
  if (rest.ends_with('Z')) rest.remove_suffix(1);
  if (rest.ends_with("+00:00")) rest.remove_suffix(6);
  const auto year = digits(rest, 0, 4), month = digits(rest, 5, 2), day = digits(rest, 8, 2),
             hour = digits(rest, 11, 2), minute = digits(rest, 14, 2), second = digits(rest, 17, 2);
  const bool shape = year && month && day && hour && minute && second && rest[4] == '-' &&
                     rest[7] == '-' && (rest[10] == ' ' || rest[10] == 'T') && rest[13] == ':' &&
                     rest[16] == ':';
  if (!shape || *year < 1970 || *year > 2200 || *month < 1 || *month > 12 || *day < 1 ||
      *day > 31 || *hour > 23 || *minute > 59 || *second > 60)
    return fail(wrong(
        fmt::format("TIMESTAMP '{}' is not like 2023-11-16 18:17:03.9799600", excerpt(text))));
  std::uint64_t fraction = 0;
  if (rest.size() > 19) {
    const std::string_view tail = rest.substr(20);
    const auto parsed = tail.size() <= 9 ? digits(tail, 0, tail.size()) : std::nullopt;
    if (rest[19] != '.' || tail.empty() || !parsed)
      return fail(wrong(
          fmt::format("TIMESTAMP '{}' has a fraction that is not 1 to 9 digits", excerpt(text))));
    fraction = *parsed;
    for (std::size_t i = tail.size(); i < 9; ++i) fraction *= 10;
  }
  const std::uint64_t days = day_number(*year, *month, *day) - day_number(1970, 1, 1);
  return (((days * 24 + *hour) * 60 + *minute) * 60 + *second) * 1'000'000'000ULL + fraction;
}

Result<Request> RequestReader::parse_azure() {
  std::array<std::string_view, 3> field;
  std::string_view left = line_;
  const auto commas = std::count(line_.begin(), line_.end(), ',');
  if (commas != 2)
    return fail(wrong(fmt::format("{}'{}' has {} columns, not the three of {}",
                                  terminated_ ? "" : "truncated? ", excerpt(line_), commas + 1,
                                  kAzureHeader)));
  for (auto& part : field) {
    const std::size_t comma = left.find(',');
    part = left.substr(0, comma);
    left.remove_prefix(comma == std::string_view::npos ? left.size() : comma + 1);
  }
  const auto time = azure_time(field[0]);
  if (!time) return fail(time.error());
  Request request;
  request.time_ns = *time;
  constexpr std::array<std::string_view, 2> kNames = {"ContextTokens", "GeneratedTokens"};
  std::array<std::uint64_t, 2> tokens{};
  for (std::size_t i = 0; i < 2; ++i) {
    const auto value = base::parse_u64(field[i + 1]);
    if (!value)
      return fail(wrong(fmt::format("{} '{}' is not a whole number from 0 on", kNames[i],
                                    excerpt(field[i + 1]))));
    if (auto ok = check_tokens(*value, kNames[i]); !ok) return fail(ok.error());
    tokens[i] = *value;
  }
  request.input_tokens = static_cast<std::uint32_t>(tokens[0]);
  request.output_tokens = static_cast<std::uint32_t>(tokens[1]);
  const std::uint64_t blocks = (tokens[0] + block_tokens_ - 1) / block_tokens_;
  request.blocks.reserve(blocks);
  for (std::uint64_t i = 0; i < blocks; ++i) request.blocks.push_back(kFirstOwnId + own_ids_++);
  return request;
}

}  // namespace kairo::trace
