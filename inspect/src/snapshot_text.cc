// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "kairo/base/short_names.h"
#include "kairo/base/units.h"
#include "kairo/inspect/snapshot.h"

namespace kairo::inspect {

using Json = nlohmann::ordered_json;

namespace {

constexpr int kSchema = 1;
// A histogram is for programs; its summary is in `latency`.
constexpr std::string_view kLongSource = "latency_histogram";

std::vector<const Reading*> of_source(const Snapshot& snapshot, std::string_view source) {
  std::vector<const Reading*> out;
  for (const Reading& reading : snapshot.readings)
    if (reading.source == source) out.push_back(&reading);
  return out;
}

// A row a line; a column name where it changes begins a new table (in_flight has two).
std::string table_text(const std::vector<const Reading*>& readings) {
  std::string out, header, line, last_header;
  const auto flush = [&] {
    if (line.empty()) return;
    if (header != last_header) out += header + '\n';
    last_header = header;
    out += line + '\n';
  };
  const std::string* row = nullptr;
  for (const Reading* reading : readings) {
    if (row == nullptr || reading->row != *row) {
      flush();
      header = fmt::format("  {:<16}", "");
      line = fmt::format("  {:<16}", reading->row);
      row = &reading->row;
    } else if (header.find(fmt::format(" {:>11}", reading->name)) != std::string::npos) {
      flush();
      header = fmt::format("  {:<16}", "");
      line = fmt::format("  {:<16}", reading->row);
    }
    header += fmt::format(" {:>11}", reading->name);
    line += fmt::format(" {:>11}", reading->value);
  }
  flush();
  return out;
}

std::string list_text(const std::vector<const Reading*>& readings) {
  std::string out;
  for (const Reading* reading : readings) {
    const KnownName* const known = find_name(reading->source, reading->name);
    out += fmt::format("  {:<26} {:>14} {:<9} {}\n", reading->name, reading->value,
                       known == nullptr ? "" : known->unit,
                       known == nullptr ? "not in the table" : known->meaning);
  }
  return out;
}

std::string names_line(std::string_view what, const std::vector<std::string>& names) {
  if (names.empty()) return {};
  std::string out = fmt::format("{}:", what);
  for (const std::string& name : names) out += " " + name;
  return out + '\n';
}

Json value_json(const Reading& reading) {
  if (reading.value.empty()) return nullptr;
  if (const auto number = base::parse_u64(reading.value)) return *number;
  return reading.value;
}

Result<std::string> text_of(const Json& object, const char* key, const std::string& source) {
  const auto found = object.find(key);
  if (found == object.end()) return bad_input("{}: no \"{}\" (give a --json output)", source, key);
  if (found->is_string()) return found->get<std::string>();
  if (found->is_number_integer() || found->is_number_unsigned()) return found->dump();
  if (found->is_null()) return std::string();
  return bad_input("{}: \"{}\" is neither a text nor an integer", source, key);
}

}  // namespace

std::string to_text(const Snapshot& snapshot) {
  std::string out = fmt::format("{}, scheduler {}, kernel {}\n", snapshot.device,
                                snapshot.scheduler, snapshot.kernel);
  for (const Source& source : sources()) {
    const auto readings = of_source(snapshot, source.name);
    if (readings.empty()) continue;
    out += fmt::format("\n{}\n", source.name);
    if (source.name == kLongSource)
      out += fmt::format("  {} buckets (--json has them)\n", readings.size());
    else if (source.shape == SourceShape::kTable)
      out += table_text(readings);
    else
      out += list_text(readings);
  }
  out += names_line("\nnot present", snapshot.absent);
  out += names_line("not on this kernel", snapshot.missing);
  out += names_line("unknown to kairo counters", snapshot.unlisted);
  return out;
}

std::string to_json_text(const Snapshot& snapshot) {
  Json out = {{"schema", kSchema},           {"kernel", snapshot.kernel},
              {"device", snapshot.device},   {"scheduler", snapshot.scheduler},
              {"readings", Json::array()},   {"absent", snapshot.absent},
              {"missing", snapshot.missing}, {"unlisted", snapshot.unlisted}};
  for (const Reading& reading : snapshot.readings) {
    const KnownName* const known = find_name(reading.source, reading.name);
    Json one = {{"source", reading.source}, {"row", reading.row}, {"name", reading.name}};
    one["value"] = value_json(reading);
    one["unit"] = known == nullptr ? "" : known->unit;
    one["kind"] = known == nullptr ? "unlisted" : kind_name(known->kind);
    out["readings"].push_back(std::move(one));
  }
  return out.dump(2) + '\n';
}

Result<Snapshot> parse_snapshot(std::string_view text, const std::string& source) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) return bad_input("{}: not JSON of kairo counters", source);
  if (json.value("schema", Json()) != kSchema)
    return bad_input("{}: \"schema\" is not {} (take the snapshot with this kairo)", source,
                     kSchema);
  Snapshot out;
  for (const auto& [key, member] :
       {std::pair{"kernel", &out.kernel}, {"device", &out.device}, {"scheduler", &out.scheduler}}) {
    KAIRO_TRY(auto value, text_of(json, key, source));
    *member = std::move(value);
  }
  const auto readings = json.find("readings");
  if (readings == json.end() || !readings->is_array())
    return bad_input("{}: no array \"readings\"", source);
  for (const Json& one : *readings) {
    Reading reading;
    for (const auto& [key, member] : {std::pair{"source", &reading.source},
                                      {"row", &reading.row},
                                      {"name", &reading.name},
                                      {"value", &reading.value}}) {
      if (!one.is_object()) return bad_input("{}: a reading is no object", source);
      KAIRO_TRY(auto value, text_of(one, key, source));
      *member = std::move(value);
    }
    out.readings.push_back(std::move(reading));
  }
  return out;
}

Result<Snapshot> difference(const Snapshot& before, const Snapshot& after) {
  if (before.device != after.device || before.scheduler != after.scheduler)
    return bad_input("the snapshot is of {} under {}, now it is {} under {}", before.device,
                     before.scheduler, after.device, after.scheduler);
  std::map<std::tuple<std::string, std::string, std::string>, std::uint64_t> counted;
  for (const Reading& reading : before.readings)
    counted[{reading.source, reading.row, reading.name}] =
        base::parse_u64(reading.value).value_or(0);
  Snapshot out = after;
  for (Reading& reading : out.readings) {
    const KnownName* const known = find_name(reading.source, reading.name);
    const auto now = base::parse_u64(reading.value);
    if (known == nullptr || known->kind != NameKind::kCounter || !now) continue;
    const std::uint64_t then = counted[{reading.source, reading.row, reading.name}];
    if (*now < then)
      return bad_input("{} {} went back from {} to {}: the device or its scheduler was made anew",
                       reading.row.empty() ? reading.source : reading.row, reading.name, then,
                       *now);
    reading.value = std::to_string(*now - then);
  }
  return out;
}

}  // namespace kairo::inspect
