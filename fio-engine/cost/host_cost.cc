// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string_view>

#include "cost.h"
#include "fio_output.h"
#include "kairo/base/files.h"
#include "kairo/base/process.h"
#include "kairo/base/quantile.h"

namespace kairo::engine {
namespace {

namespace fs = std::filesystem;

// The difference of two runs leaves out what starting and ending cost.
constexpr unsigned kFewIos = 4000;
constexpr unsigned kManyIos = 24000;

std::vector<std::string> job(const Variant& variant, const HostRequest& request, unsigned ios) {
  std::vector<std::string> out = {"fio", "--name=cost"};
  out.insert(out.end(), variant.options.begin(), variant.options.end());
  for (std::string option :
       {fmt::format("--filename={}", (request.directory / "data").string()),
        std::string("--size=64m"), std::string("--io_size=64g"), std::string("--bs=4k"),
        std::string("--rw=randread"), std::string("--thread=1"), std::string("--norandommap=1"),
        std::string("--randrepeat=1"), std::string("--invalidate=0"),
        std::string("--output-format=json"), fmt::format("--iodepth={}", request.depth),
        fmt::format("--iodepth_batch={}", request.batch),
        fmt::format("--iodepth_batch_complete_max={}", request.batch),
        fmt::format("--number_ios={}", ios)})
    out.push_back(std::move(option));
  return out;
}

// The number in `text` after the last `label`.
std::optional<double> number_after(std::string_view text, std::string_view label) {
  const std::size_t at = text.rfind(label);
  if (at == std::string_view::npos) return std::nullopt;
  std::string_view rest = text.substr(at + label.size());
  rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
  double value = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), value);
  return error == std::errc{} ? std::optional(value) : std::nullopt;
}

// Of the thread that does the I/O: fio's other threads work by the clock, not by the I/O.
base::Result<double> instructions(const Variant& variant, const HostRequest& request,
                                  unsigned ios) {
  const fs::path out = request.directory / "callgrind";
  std::error_code ignored;
  fs::remove_all(out, ignored);
  KAIRO_CHECK(base::make_directory(out));
  std::vector<std::string> argv = {"valgrind", "--tool=callgrind", "--separate-threads=yes",
                                   fmt::format("--callgrind-out-file={}/profile", out.string())};
  const auto fio = job(variant, request, ios);
  argv.insert(argv.end(), fio.begin(), fio.end());
  KAIRO_CHECK(base::run_ok({.argv = argv}));
  for (const auto& file : fs::directory_iterator(out, ignored)) {
    const auto profile = base::read_file(file.path());
    // Each I/O of any engine passes this function of fio's.
    if (!profile || profile->find("io_u_mark_submit") == std::string::npos) continue;
    if (const auto count = number_after(*profile, "\ntotals:"); count && *count > ios)
      return *count;
  }
  return base::bad_input("callgrind profiled no thread that did I/O (in {})", out.string());
}

base::Result<double> enters(const Variant& variant, const HostRequest& request, unsigned ios) {
  const fs::path log = request.directory / "strace";
  std::vector<std::string> argv = {"strace", "-f",        "-c", "-e", "trace=io_uring_enter",
                                   "-o",     log.string()};
  const auto fio = job(variant, request, ios);
  argv.insert(argv.end(), fio.begin(), fio.end());
  KAIRO_CHECK(base::run_ok({.argv = argv}));
  KAIRO_TRY(const auto text, base::read_file(log));
  // "% time  seconds  usecs/call  calls  errors  syscall": the fourth column of its line.
  const std::size_t name = text.find("io_uring_enter");
  if (name == std::string::npos)
    return base::bad_input("strace counted no io_uring_enter (its output: {})", text);
  const std::size_t line = text.rfind('\n', name) + 1;
  std::string_view rest = std::string_view(text).substr(line, name - line);
  double value = 0;
  for (int column = 0; column < 4; ++column) {
    rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
    std::from_chars(rest.data(), rest.data() + rest.size(), value);
    rest.remove_prefix(std::min(rest.find(' '), rest.size()));
  }
  return value;
}

// The difference of a long and a short run, per I/O.
template <class Measure>
base::Result<double> per_io(Measure measure, const Variant& variant, const HostRequest& request) {
  const auto few = measure(variant, request, kFewIos);
  if (!few) return few;
  const auto many = measure(variant, request, kManyIos);
  if (!many) return many;
  return (*many - *few) / (kManyIos - kFewIos);
}

struct Speed {
  double iops = 0;
  double cpu_ns = 0;  // processor time per I/O
};

base::Result<Speed> speed_of(const Variant& variant, const HostRequest& request) {
  auto argv = job(variant, request, 400'000);
  KAIRO_TRY(const auto result, base::run_ok({.argv = argv}));
  const auto json = json_of_fio(result.out);
  if (json.is_discarded()) return base::bad_input("fio printed no JSON: {}", result.out);
  const auto& run = json.at("jobs").at(0);
  Speed speed;
  speed.iops = run.at("read").at("iops").get<double>();
  const double busy = run.at("usr_cpu").get<double>() + run.at("sys_cpu").get<double>();
  speed.cpu_ns = busy / 100 * 1e9 / speed.iops;
  return speed;
}

std::optional<double> median(std::vector<double> values) {
  if (values.empty()) return std::nullopt;
  std::sort(values.begin(), values.end());
  return base::median_of_sorted(values);
}

std::string cell(std::optional<double> value, int digits) {
  return value ? fmt::format("{:.{}f}", *value, digits) : "n/a";
}

std::string ratio(std::optional<double> value, std::optional<double> base) {
  return value && base && *base > 0 ? fmt::format("{:.3f}", *value / *base) : "n/a";
}

}  // namespace

std::vector<Variant> variants(const std::string& engine) {
  const std::string kairo = "--ioengine=external:" + engine;
  return {{"fio io_uring", {"--ioengine=io_uring"}},
          {"kairo, hints off", {kairo}},
          {"kairo, label", {kairo, "--kv_path=label"}},
          {"kairo, ioprio", {kairo, "--kv_path=ioprio"}},
          {"kairo, ioprio, two classes",
           {kairo, "--kv_path=ioprio", "--kv_split=decode/70:prefetch/30"}}};
}

base::Result<std::vector<Cost>> measure_host(const std::vector<Variant>& variants,
                                             const HostRequest& request) {
  std::vector<Cost> out;
  std::vector<std::vector<double>> speeds(variants.size());
  std::vector<std::vector<double>> busy(variants.size());
  KAIRO_CHECK(base::write_below(request.directory, "data", std::string(64 << 20, 'k')));
  for (const Variant& variant : variants) {
    Cost& cost = out.emplace_back();
    cost.name = variant.name;
    // A tool that is missing leaves its column empty.
    if (!base::find_program("valgrind").empty()) {
      KAIRO_TRY(cost.instructions, per_io(instructions, variant, request));
    }
    if (!base::find_program("strace").empty()) {
      KAIRO_TRY(cost.enters, per_io(enters, variant, request));
    }
  }
  for (unsigned repeat = 0; repeat < request.repeats; ++repeat) {
    for (std::size_t i = 0; i < variants.size(); ++i) {
      KAIRO_TRY(const auto speed, speed_of(variants[i], request));
      speeds[i].push_back(speed.iops);
      busy[i].push_back(speed.cpu_ns);
    }
  }
  for (std::size_t i = 0; i < variants.size(); ++i) {
    out[i].iops = median(speeds[i]);
    out[i].cpu_ns = median(busy[i]);
  }
  return out;
}

std::string host_table(const std::vector<Cost>& costs) {
  std::string out =
      "| engine | user instructions/I/O | ratio | io_uring_enter/I/O | ratio | CPU ns/I/O | ratio "
      "| "
      "IOPS | ratio |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|\n";
  const Cost& base = costs.front();
  for (const Cost& cost : costs)
    out += fmt::format("| {} | {} | {} | {} | {} | {} | {} | {} | {} |\n", cost.name,
                       cell(cost.instructions, 0), ratio(cost.instructions, base.instructions),
                       cell(cost.enters, 4), ratio(cost.enters, base.enters), cell(cost.cpu_ns, 0),
                       ratio(cost.cpu_ns, base.cpu_ns), cell(cost.iops, 0),
                       ratio(cost.iops, base.iops));
  return out;
}

}  // namespace kairo::engine
