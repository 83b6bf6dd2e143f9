// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/trace/reader.h"

#include <algorithm>
#include <fstream>
#include <utility>

#include "block_numbers.h"
#include "block_rule.h"
#include "csv_table.h"
#include "kairo/base/short_names.h"
#include "kairo/base/text.h"
#include "kairo/base/units.h"
#include "line_reader.h"
#include "not_a_trace.h"

namespace kairo::trace {

using base::Error;

namespace {

constexpr std::uint64_t kMaxTokens = 1ULL << 24;  // of one request
constexpr std::uint64_t kMaxSpanNs = 3653ULL * 86400 * 1'000'000'000;

Status check_tokens(std::uint64_t value, std::string_view what) {
  if (value <= kMaxTokens) return {};
  return bad_input("{} of {} tokens is more than {} (is the field right?)", what, value,
                   kMaxTokens);
}

// In an id that names a prefix, nothing can come twice.
Status check_no_repeats(std::vector<std::uint64_t> ids) {
  std::sort(ids.begin(), ids.end());
  const auto twice = std::adjacent_find(ids.begin(), ids.end());
  if (twice == ids.end()) return {};
  return bad_input(
      "hash id {} stands twice in one request (ids name a prefix, so they cannot repeat)", *twice);
}

std::string titles() {
  std::string out;
  for (const FormatInfo* format : formats())
    out += std::string(out.empty() ? "" : ", ").append(format->title);
  return out;
}

}  // namespace

class RequestReader::Impl {
 public:
  Impl(std::unique_ptr<std::istream> stream, std::string name)
      : lines_(open_source(std::move(stream))), name_(std::move(name)) {}

  Status begin(const FormatInfo* asked, std::uint32_t block_tokens);
  Result<std::optional<Request>> next();

  [[nodiscard]] Error wrong(std::string_view message) const {
    return Error{ErrorCode::kInput, fmt::format("{}:{}: {}", name_, lines_.number(), message)};
  }

  LineReader lines_;
  std::string name_;
  const FormatInfo* format_ = nullptr;
  std::uint32_t block_tokens_ = 0;
  std::optional<BlockRule> rule_;

 private:
  [[nodiscard]] Result<const FormatInfo*> detect() const;
  Result<Parsed> parse_line();
  Result<Request> to_request(const Parsed& parsed);
  Result<std::uint64_t> arrival(std::int64_t time_ns);
  Result<std::vector<std::uint64_t>> blocks_of(const Parsed& parsed);
  std::string objection();

  bool held_ = false;  // the line was read by begin() and not used yet
  CsvTable table_;
  std::optional<BlockNumbers> numbers_;
  std::optional<std::int64_t> first_time_;
  std::uint64_t last_ns_ = 0;
  std::uint64_t own_ids_ = 0;
};

Result<const FormatInfo*> RequestReader::Impl::detect() const {
  for (const FormatInfo* format : formats())
    if (format->detect(lines_.line())) return format;
  return fail(
      wrong(fmt::format("'{}' begins no trace that is known here ({}; give --format to see "
                        "what one misses)",
                        base::excerpt(lines_.line()), titles())));
}

Status RequestReader::Impl::begin(const FormatInfo* asked, std::uint32_t block_tokens) {
  const auto begin = lines_.peek();
  if (!begin) return bad_input("{}: {}", name_, begin.error().message);
  if (const auto other = known_other(*begin)) return bad_input("{}:1: {}", name_, *other);
  const auto got = lines_.next();
  if (!got) return fail(wrong(got.error().message));
  if (!*got || lines_.line().empty())
    return bad_input("{}: is empty (give a trace with at least one request)", name_);
  format_ = asked;
  if (format_ == nullptr) {
    KAIRO_TRY(format_, detect());
  }
  block_tokens_ = block_tokens != 0 ? block_tokens : format_->block_tokens;
  rule_.emplace(block_tokens_);
  numbers_.emplace(format_->ids);
  held_ = format_->columns.empty();
  if (held_) return {};
  auto table = CsvTable::from_header(lines_.line(), *format_);
  if (!table) return fail(wrong(table.error().message));
  table_ = std::move(*table);
  return {};
}

Result<Parsed> RequestReader::Impl::parse_line() {
  if (lines_.line().empty()) return bad_input("the line is empty (remove it)");
  if (format_->columns.empty()) return format_->parse({lines_.line()});
  KAIRO_TRY(const auto fields, table_.row(lines_.line()));
  return format_->parse({lines_.line(), fields});
}

Result<std::optional<Request>> RequestReader::Impl::next() {
  if (!std::exchange(held_, false)) {
    const auto got = lines_.next();
    if (!got) return fail(wrong(got.error().message));
    if (!*got) return std::optional<Request>();
  }
  const auto parsed = parse_line();
  if (!parsed)
    return fail(wrong((lines_.terminated() ? "" : "truncated? ") + parsed.error().message));
  KAIRO_TRY(auto request, to_request(*parsed));
  return std::optional<Request>(std::move(request));
}

Result<Request> RequestReader::Impl::to_request(const Parsed& parsed) {
  for (const Status& ok : {check_tokens(parsed.input_tokens, "an input"),
                           check_tokens(parsed.output_tokens, "an output")})
    if (!ok) return fail(wrong(ok.error().message));
  Request request;
  const auto time = arrival(parsed.time_ns);
  if (!time) return fail(wrong(time.error().message));
  request.time_ns = *time;
  request.input_tokens = static_cast<std::uint32_t>(parsed.input_tokens);
  request.output_tokens = static_cast<std::uint32_t>(parsed.output_tokens);
  request.chat = parsed.chat;
  request.parent_chat = parsed.parent_chat;
  request.generated = parsed.generated;
  // Where objection() reads on, the line to name is this one.
  const std::uint64_t line = lines_.number();
  auto blocks = blocks_of(parsed);
  if (!blocks) return bad_input("{}:{}: {}", name_, line, blocks.error().message);
  request.blocks = std::move(*blocks);
  return request;
}

// Checks the order and counts from the first request.
Result<std::uint64_t> RequestReader::Impl::arrival(std::int64_t time_ns) {
  if (!first_time_) first_time_ = time_ns;
  // In modular arithmetic: the difference of two times of either sign fits.
  const std::uint64_t now =
      static_cast<std::uint64_t>(time_ns) - static_cast<std::uint64_t>(*first_time_);
  const bool before_first = time_ns < *first_time_;
  if (before_first || now < last_ns_)
    return bad_input(
        "the request arrives {} before the one above (sort the trace by its timestamp)",
        base::format_duration_ns(static_cast<double>(last_ns_ - now)));
  if (now > kMaxSpanNs)
    return bad_input(
        "the request arrives more than ten years after the first one (is the timestamp right?)");
  last_ns_ = now;
  return now;
}

Result<std::vector<std::uint64_t>> RequestReader::Impl::blocks_of(const Parsed& parsed) {
  const std::uint64_t count = (parsed.input_tokens + block_tokens_ - 1) / block_tokens_;
  std::vector<std::uint64_t> blocks;
  if (format_->ids != BlockIds::kNone) {
    if (!rule_->accept(parsed.input_tokens, parsed.ids.size())) return bad_input("{}", objection());
    if (format_->ids == BlockIds::kPrefix) KAIRO_CHECK(check_no_repeats(parsed.ids));
    blocks = numbers_->of(parsed.ids);
    if (numbers_->size() > kMaxBlocks)
      return bad_input("the trace has more than {} different blocks (split it)",
                       base::format_count(kMaxBlocks));
  }
  while (blocks.size() < count) blocks.push_back(kFirstOwnId + own_ids_++);
  return blocks;
}

// Looks at the rest of the trace, for what fits all of it.
std::string RequestReader::Impl::objection() {
  for (auto got = lines_.next(); got && *got; got = lines_.next()) {
    const auto parsed = parse_line();
    if (!parsed) break;
    rule_->note(parsed->input_tokens, parsed->ids.size());
  }
  return rule_->objection();
}

RequestReader::RequestReader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
RequestReader::RequestReader(RequestReader&&) noexcept = default;
RequestReader& RequestReader::operator=(RequestReader&&) noexcept = default;
RequestReader::~RequestReader() = default;

Result<RequestReader> RequestReader::open(const std::filesystem::path& path,
                                          const FormatInfo* format, std::uint32_t block_tokens) {
  std::error_code error;
  // Import reads the file twice, so a pipe will not do.
  if (!std::filesystem::is_regular_file(path, error))
    return bad_input(
        "{}: {} (give a trace: {})", path.string(),
        std::filesystem::exists(path, error) ? "is not a regular file" : "no such file", titles());
  auto stream = std::make_unique<std::ifstream>(path, std::ios::binary);
  if (!*stream) return bad_input("{}: cannot be read (check its permissions)", path.string());
  return from_stream(std::move(stream), path.string(), format, block_tokens);
}

Result<RequestReader> RequestReader::from_stream(std::unique_ptr<std::istream> stream,
                                                 std::string name, const FormatInfo* format,
                                                 std::uint32_t block_tokens) {
  auto impl = std::make_unique<Impl>(std::move(stream), std::move(name));
  KAIRO_CHECK(impl->begin(format, block_tokens));
  return RequestReader(std::move(impl));
}

Result<std::optional<Request>> RequestReader::next() {
  return impl_->next();
}

const FormatInfo& RequestReader::format() const {
  return *impl_->format_;
}

std::uint32_t RequestReader::block_tokens() const {
  return impl_->block_tokens_;
}

bool RequestReader::full_blocks_only() const {
  return impl_->rule_->full_only();
}

const std::string& RequestReader::name() const {
  return impl_->name_;
}

std::uint64_t RequestReader::line() const {
  return impl_->lines_.number();
}

}  // namespace kairo::trace
