// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/evidence/results.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "kairo/base/files.h"
#include "kairo/reports/metric.h"

namespace kairo::evidence {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr std::uint64_t kReportLimit = 256 << 20;

// The same quantity in another unit: value = the report's / divisor.
struct Scale {
  std::string_view written;
  std::string_view reported;
  double divisor;
};

constexpr std::array<Scale, 5> kScales = {{{"_us", "_ns", 1e3},
                                           {"_ms", "_ns", 1e6},
                                           {"mb_per_s", "bytes_per_s", 1e6},
                                           {"gb_per_s", "bytes_per_s", 1e9},
                                           {"_percent", "", 0.01}}};

struct Metric {
  std::string name;
  double divisor = 1;
};

std::optional<Metric> metric_of(const std::string& written) {
  if (reports::is_metric_name(written)) return Metric{written};
  for (const Scale& scale : kScales) {
    const std::size_t at = written.find(scale.written);
    if (at == std::string::npos) continue;
    Metric metric{written, scale.divisor};
    metric.name.replace(at, scale.written.size(), scale.reported);
    if (reports::is_metric_name(metric.name)) return metric;
  }
  return std::nullopt;
}

Value number_at(const Json& object, std::string_view key) {
  const auto found = object.find(std::string(key));
  return found != object.end() && found->is_number() ? Value(found->get<double>()) : std::nullopt;
}

void add_class(const Json& figures, const std::string& prefix, ResultReport& out) {
  for (const auto& percentile : reports::kPercentiles)
    out.figures[prefix + std::string(percentile.key)] = number_at(figures, percentile.key);
  for (const auto& figure : reports::kClassFigures)
    out.figures[prefix + std::string(figure.key)] = number_at(figures, figure.key);
  for (const Json& name : figures.value("at_least", Json::array()))
    if (name.is_string()) out.at_least[prefix + name.get<std::string>()] = true;
}

void add_classes(const Json& classes, const std::string& prefix, ResultReport& out) {
  for (const auto& [name, figures] : classes.items())
    if (figures.is_object()) add_class(figures, prefix + name + ".", out);
}

void add_arm(const Json& json, const std::string& load, const std::string& arm, ResultReport& out) {
  const std::string prefix = load + "/" + arm + "/";
  for (const auto& figure : reports::kRunFigures)
    out.figures[prefix + std::string(figure.key)] = number_at(json, figure.key);
  add_classes(json.at("classes"), prefix, out);
  const auto phases = json.find("phases");
  if (phases == json.end() || !phases->is_object()) return;
  for (const auto& [phase, figures] : phases->items())
    add_classes(figures.at("classes"), fmt::format("{}@{}/{}/", load, phase, arm), out);
}

// What the arm of a claim was held against: the figure of the best peer, as that of an arm rule-N.
void add_rules(const Json& rules, const std::string& load, ResultReport& out) {
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const Json& bound = rules[i].at("bound");
    const std::string key =
        fmt::format("{}/rule-{}/{}", load, i + 1, bound.at("metric").get<std::string>());
    out.figures[key] = number_at(bound, "against");
    if (bound.value("against_at_least", false)) out.at_least[key] = true;
  }
}

base::Result<ResultReport> read_report(const fs::path& file) {
  KAIRO_TRY(const auto text, base::read_file(file, kReportLimit));
  ResultReport out;
  out.file = file;
  try {
    const Json json = Json::parse(text);
    if (json.at("schema") != "kairo-report") return base::bad_input("{}: no report", file.string());
    out.experiment = json.at("experiment").get<std::string>();
    out.device = json.at("device").at("name").get<std::string>();
    out.series = json.at("environment").value("series", "");
    for (const auto& [load, report] : json.at("loads").items()) {
      for (const auto& [arm, figures] : report.at("arms").items()) add_arm(figures, load, arm, out);
      add_rules(report.value("rules", Json::array()), load, out);
    }
  } catch (const Json::exception& error) {
    return base::bad_input("{}: {} (make it again: kairo report compare {})", file.string(),
                           error.what(), file.parent_path().string());
  }
  return out;
}

}  // namespace

base::Result<Key> parse_key(std::string_view text) {
  Key key;
  std::string_view rest = text;
  if (const std::size_t colon = rest.find(':'); colon != std::string_view::npos) {
    key.device = rest.substr(0, colon);
    rest.remove_prefix(colon + 1);
  }
  std::vector<std::string> parts(1);
  for (const char c : rest) {
    if (c == '/')
      parts.emplace_back();
    else
      parts.back() += c;
  }
  const bool empty =
      std::any_of(parts.begin(), parts.end(), [](const std::string& part) { return part.empty(); });
  if (empty || parts.size() < 3 || parts.size() > 4)
    return base::bad_input("{} is no key (write [DEVICE:]LOAD/ARM/METRIC[/ARM])", text);
  key.load = parts[0];
  key.arm = parts[1];
  key.metric = parts[2];
  if (parts.size() == 4) key.of = parts[3];
  if (!metric_of(key.metric))
    return base::bad_input("{}: {} is no metric of a report (docs/report-format.md lists them)",
                           text, key.metric);
  return key;
}

base::Result<std::vector<ResultReport>> read_results(const std::vector<fs::path>& folders) {
  std::vector<ResultReport> out;
  for (const fs::path& folder : folders) {
    std::error_code status;
    std::vector<fs::path> files;
    for (fs::recursive_directory_iterator it(folder, status), end; !status && it != end;
         it.increment(status))
      if (it->path().filename() == "report.json") files.push_back(it->path());
    if (files.empty())
      return base::bad_input("{}: no report.json in it (kairo report compare {})", folder.string(),
                             folder.string());
    std::sort(files.begin(), files.end());
    for (const fs::path& file : files) {
      KAIRO_TRY(auto report, read_report(file));
      out.push_back(std::move(report));
    }
  }
  return out;
}

base::Result<Found> find_figure(const std::vector<ResultReport>& reports, const Key& key) {
  const Metric metric = metric_of(key.metric).value_or(Metric{key.metric});
  const auto name = [&](const std::string& arm) {
    return key.load + "/" + arm + "/" + metric.name;
  };
  const ResultReport* found = nullptr;
  for (const ResultReport& report : reports) {
    if (!key.device.empty() && report.device != key.device) continue;
    if (!report.figures.contains(name(key.arm))) continue;
    if (found != nullptr)
      return base::bad_input("{} is in {} and {} (name the device, or one result)", name(key.arm),
                             found->file.string(), report.file.string());
    found = &report;
  }
  if (found == nullptr)
    return base::bad_input("the results have no {}{}{}", key.device, key.device.empty() ? "" : ":",
                           name(key.arm));
  Found out{found->figures.at(name(key.arm)), found->series};
  for (const std::string& arm : {key.arm, key.of})
    if (found->at_least.contains(name(arm)))
      return base::bad_input("{} lies in fio's last bin, which has no end (write it by hand)",
                             name(arm));
  if (key.of.empty()) {
    if (out.value) *out.value /= metric.divisor;
    return out;
  }
  const auto base = found->figures.find(name(key.of));
  if (base == found->figures.end()) return base::bad_input("the results have no {}", name(key.of));
  if (!base->second) out.value.reset();
  if (out.value && *base->second == 0) return base::bad_input("{} is 0", name(key.of));
  if (out.value) *out.value /= *base->second;
  return out;
}

}  // namespace kairo::evidence
