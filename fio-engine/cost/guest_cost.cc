// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>

#include <algorithm>

#include "cost.h"
#include "fio_output.h"
#include "kairo/base/files.h"
#include "kairo/kernel/guest.h"

namespace kairo::engine {
namespace {

// A null block device that answers in the submitter: the processor has no idle moment, so guest
// time per I/O is the number of instructions per I/O.
constexpr const char* kSetUp =
#include "guest_cost.sh.inc"
    ;

constexpr unsigned kIos = 100'000;
// Of a point of the sweep, which shows a shape and no ratio to three digits.
constexpr unsigned kSweepIos = 30'000;

struct Point {
  std::size_t variant;
  unsigned depth;
  unsigned batch;
  unsigned ios;
};

std::string file_name(const Point& point) {
  return fmt::format("{}-{}-{}.json", point.variant, point.depth, point.batch);
}

base::Result<GuestCost> read_cost(const std::filesystem::path& path) {
  KAIRO_TRY(const auto text, base::read_file(path));
  const auto json = json_of_fio(text);
  if (json.is_discarded()) return base::bad_input("{}: not fio's JSON", path.string());
  const auto& run = json.at("jobs").at(0);
  GuestCost cost;
  cost.ns = 1e9 / run.at("read").at("iops").get<double>();
  return cost;
}

}  // namespace

base::Result<std::vector<GuestCost>> measure_guest(const GuestRequest& request) {
  const std::string guest_engine = "/kairo/kairo.so";
  auto all = variants(guest_engine);
  const std::string kairo = "--ioengine=external:" + guest_engine;
  all.push_back({"kairo, rwf", {kairo, "--kv_path=rwf"}});
  all.push_back({"kairo, attr", {kairo, "--kv_path=attr"}});
  all.push_back({"kairo, attr, one context",
                 {kairo, "--kv_path=attr", "--kv_model_id=7", "--kv_session_id=11"}});
  all.push_back({"kairo, attr, eight sessions",
                 {kairo, "--kv_path=attr", "--kv_model_id=7", "--kv_sessions=8:zipf:1.1"}});
  std::vector<Point> points;
  for (std::size_t v = 0; v < all.size(); ++v)
    for (const unsigned batch : {1U, 16U}) points.push_back({v, 32, batch, kIos});
  for (const unsigned depth : request.sweep) {
    for (const std::size_t v : {0U, 1U}) {
      points.push_back({v, depth, 1, kSweepIos});
      if (depth > 1) points.push_back({v, depth, depth, kSweepIos});
    }
  }
  kernel::GuestSpec spec;
  spec.kernel_image = request.kernel_image;
  const auto fio = base::find_program("fio");
  if (fio.empty())
    return base::fail(base::ErrorCode::kUnavailable, "fio is not installed (apt-get install fio)");
  spec.programs = {fio, request.engine};
  spec.files = {{request.engine, guest_engine}};
  spec.timeout = std::chrono::seconds(1800);
  KAIRO_TRY(const auto out, base::TempDir::create("kairo-cost-"));
  spec.out_dir = out.path();
  spec.script = kSetUp;
  for (const Point& point : points) {
    spec.script +=
        fmt::format("cost {} {} {} {}", file_name(point), point.depth, point.batch, point.ios);
    for (const std::string& option : all[point.variant].options) spec.script += " " + option;
    spec.script += "\n";
  }
  KAIRO_TRY(const auto result, kernel::boot_guest(spec));
  if (result.exit_code != 0)
    return base::fail(base::ErrorCode::kShort, "the guest failed: {}", result.output);
  std::vector<GuestCost> costs;
  for (const Point& point : points) {
    KAIRO_TRY(auto cost, read_cost(out.path() / file_name(point)));
    cost.name = all[point.variant].name;
    cost.depth = point.depth;
    cost.batch = point.batch;
    costs.push_back(cost);
  }
  return costs;
}

std::string guest_table(const std::vector<GuestCost>& costs) {
  std::string out =
      "| engine | depth | batch | instructions/I/O | ratio | IOPS | ratio |\n"
      "|---|--:|--:|--:|--:|--:|--:|\n";
  for (const GuestCost& cost : costs) {
    const auto base = std::find_if(costs.begin(), costs.end(), [&](const GuestCost& other) {
      return other.name == costs.front().name && other.depth == cost.depth &&
             other.batch == cost.batch;
    });
    const bool known = base != costs.end();
    out +=
        fmt::format("| {} | {} | {} | {:.0f} | {} | {:.0f} | {} |\n", cost.name, cost.depth,
                    cost.batch, cost.ns, known ? fmt::format("{:.3f}", cost.ns / base->ns) : "n/a",
                    1e9 / cost.ns, known ? fmt::format("{:.3f}", base->ns / cost.ns) : "n/a");
  }
  return out;
}

}  // namespace kairo::engine
