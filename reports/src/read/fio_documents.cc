// SPDX-License-Identifier: GPL-2.0-only
#include "read/fio_documents.h"

#include <algorithm>

namespace kairo::reports {
namespace {

struct Document {
  std::string_view text;
  std::size_t line = 1;  // where it begins in the file
};

// A last document without an end goes to the end of the text: truncated, as its reader will say.
std::vector<Document> split_documents(std::string_view text) {
  std::vector<Document> out;
  std::size_t line_number = 0;
  bool open = false;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t newline = std::min(text.find('\n', at), text.size());
    std::string_view line = text.substr(at, newline - at);
    if (line.ends_with('\r')) line.remove_suffix(1);
    ++line_number;
    if (!open && line == "{") {
      out.push_back({text.substr(at), line_number});
      open = true;
    } else if (open && line == "}") {
      const auto begin = static_cast<std::size_t>(out.back().text.data() - text.data());
      out.back().text = text.substr(begin, newline - begin);
      open = false;
    }
    at = newline + 1;
  }
  // A document without lines of its own, as other tools write it.
  if (out.empty()) out.push_back({text, 1});
  return out;
}

// Text around a document has no line of its own `{`; a document of another tool begins at once.
bool begins_as_json(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && (text[first] == '{' || text[first] == '[');
}

// What every document of a run says alike: fio, its options, its jobs and theirs.
std::string run_of(const Json& document) {
  Json out = Json::array();
  const auto keep = [&](const Json& object, const char* key) {
    if (object.is_object() && object.contains(key)) out.push_back(object[key]);
  };
  keep(document, "fio version");
  keep(document, "global options");
  for (const char* const key : {"jobs", "client_stats"}) {
    if (!document.is_object() || !document.contains(key) || !document[key].is_array()) continue;
    for (const Json& job : document[key])
      for (const char* const member : {"jobname", "hostname", "job options"}) keep(job, member);
  }
  return out.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// When it was written; 0 when it does not say.
std::uint64_t time_of(const Json& document) {
  if (!document.is_object() || !document.contains("timestamp_ms")) return 0;
  const Json& time = document["timestamp_ms"];
  return time.is_number_unsigned() ? time.get<std::uint64_t>() : 0;
}

}  // namespace

base::Result<Json> parse_fio_document(std::string_view text, const std::string& source) {
  const std::vector<Document> documents = split_documents(text);
  if (documents.front().text.size() == text.size() && !begins_as_json(text))
    return base::bad_input(
        "{}: no JSON in it: not fio's output (run fio with --output-format=json+)", source);
  base::Result<Json> out = parse_json(documents.front().text, source, documents.front().line);
  for (std::size_t i = 1; i < documents.size() && out; ++i) {
    auto next = parse_json(documents[i].text, source, documents[i].line);
    if (next && (run_of(*next) != run_of(*out) || time_of(*next) < time_of(*out)))
      return base::bad_input(
          "{}:{}: {} documents, and this one is not of the same run as the one before it (keep one "
          "file for each run of fio)",
          source, documents[i].line, documents.size());
    out = std::move(next);
  }
  return out;
}

}  // namespace kairo::reports
