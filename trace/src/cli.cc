// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/trace/cli.h"

#include <fmt/format.h>

#include <cstdint>
#include <fstream>
#include <memory>
#include <string>

#include "kairo/base/files.h"
#include "kairo/base/short_names.h"
#include "kairo/base/units.h"
#include "kairo/trace/import.h"
#include "kairo/trace/report.h"
#include "kairo/trace/sample.h"
#include "kairo/trace/summary.h"

namespace kairo {
namespace {

// Options as typed; CLI11 fills them, the callbacks turn them into library options.
struct ImportArgs {
  std::string file, out, format = "auto", window = "auto";
  std::string dram = "1GiB", device = "16GiB", flash, tpot = "30ms", spread = "auto";
  std::string length = "2s", model = "llama-3-8b";
  std::uint64_t bytes_per_token = 0, prefetch_kib = 128, prefill_kib = 1024;
  trace::ImportOptions options;
  bool json = false;
};

struct InspectArgs {
  std::string file, format = "auto", model = "llama-3-8b";
  std::uint64_t bytes_per_token = 0;
  std::uint32_t block_tokens = 0;
  trace::GeometryOptions geometry;
  bool json = false;
};

struct SampleArgs {
  std::string out;
  std::uint32_t requests = 200;
  std::uint64_t seed = 1;
};

// A size or duration option: the parser's message with the option's name, as a usage error.
template <class T>
Result<T> named(std::string_view option, Result<T> value) {
  if (value) return value;
  return fail(ErrorCode::kUsage, "{}: {}", option, value.error().message);
}

Result<trace::ImportOptions> complete(const ImportArgs& args) {
  trace::ImportOptions o = args.options;
  o.trace = args.file;
  o.geometry.model = args.model;
  if (args.bytes_per_token != 0) o.geometry.bytes_per_token = args.bytes_per_token;
  KAIRO_TRY(o.format, trace::find_format(args.format));
  KAIRO_TRY(o.memory_bytes, named("--dram", base::parse_bytes(args.dram)));
  KAIRO_TRY(o.device_bytes, named("--device", base::parse_bytes(args.device)));
  if (!args.flash.empty()) {
    KAIRO_TRY(o.flash_bytes, named("--flash", base::parse_bytes(args.flash)));
  }
  KAIRO_TRY(o.tpot_ns, named("--tpot", base::parse_duration_ns(args.tpot)));
  KAIRO_TRY(o.length_ns, named("--length", base::parse_duration_ns(args.length)));
  if (args.spread == "0") {
    o.spread_ns = 0;
  } else if (args.spread != "auto") {
    KAIRO_TRY(o.spread_ns, named("--spread", base::parse_duration_ns(args.spread)));
  }
  if (args.window != "auto") {
    KAIRO_TRY(o.window, trace::parse_window(args.window));
  }
  o.prefetch_bytes = args.prefetch_kib << 10;
  o.prefill_bytes = args.prefill_kib << 10;
  return o;
}

Status import(const ImportArgs& args) {
  KAIRO_TRY(const auto options, complete(args));
  KAIRO_CHECK(base::check_output(args.out, {args.file}));
  KAIRO_TRY(const auto made, trace::import_trace(options));
  KAIRO_CHECK(trace::write_workload(args.out, made.workload, made.header, {args.file}));
  if (args.json) {
    fmt::print("{}\n", trace::to_json(made).dump(2));
  } else {
    fmt::print("{}wrote {}\n", trace::to_text(made), args.out);
  }
  return {};
}

bool is_workload(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  std::string start(17, '\0');
  stream.read(start.data(), static_cast<std::streamsize>(start.size()));
  return start == "# kairo-workload ";
}

Status inspect(InspectArgs args) {
  if (is_workload(args.file)) {
    KAIRO_TRY(const auto workload, engine::read_workload(args.file));
    const trace::Summary summary = trace::summarize(workload);
    if (args.json) {
      nlohmann::ordered_json out = {
          {"schema", "kairo-trace-inspect"}, {"version", 1}, {"kind", "workload"}};
      out.update(trace::to_json(summary));
      fmt::print("{}\n", out.dump(2));
    } else {
      fmt::print("{}", trace::to_text(summary));
    }
    return {};
  }
  args.geometry.model = args.model;
  if (args.bytes_per_token != 0) args.geometry.bytes_per_token = args.bytes_per_token;
  KAIRO_TRY(const auto format, trace::find_format(args.format));
  KAIRO_TRY(auto reader, trace::RequestReader::open(args.file, format, args.block_tokens));
  args.geometry.block_tokens = reader.block_tokens();
  KAIRO_TRY(const auto geometry, trace::make_geometry(args.geometry));
  KAIRO_TRY(const auto reuse, trace::measure_reuse(std::move(reader)));
  if (args.json) {
    fmt::print("{}\n", trace::to_json(reuse, geometry).dump(2));
  } else {
    fmt::print("{}", trace::to_text(reuse, geometry));
  }
  return {};
}

std::string model_names() {
  std::string out;
  for (const trace::Model& model : trace::models())
    out += std::string(out.empty() ? "" : ", ").append(model.name);
  return out;
}

int finish(const Status& status) {
  return status ? 0 : base::report_error(status.error());
}

void add_import(CLI::App& trace, int& exit_code) {
  auto args = std::make_shared<ImportArgs>();
  trace::ImportOptions& o = args->options;
  CLI::App* c = trace.add_subcommand("import", "Request trace to KV-cache I/O workload");
  c->add_option("trace", args->file, "A trace: " + trace::format_names() + ", also packed by gzip")
      ->required();
  c->add_option("-o,--out", args->out, "Workload file to write")->required();
  c->add_option("--format", args->format, "auto, " + trace::format_names())->capture_default_str();
  c->add_option("--model", args->model, "KV geometry: " + model_names())->capture_default_str();
  c->add_option("--bytes-per-token", args->bytes_per_token, "KV bytes per token instead");
  c->add_option("--tp", o.geometry.tensor_parallel, "Ranks the KV heads are divided over")
      ->capture_default_str();
  c->add_option("--block-tokens", o.block_tokens, "Tokens per hash id (default: the format's)");
  c->add_option("--page-tokens", o.geometry.page_tokens, "Tokens of a layer in one decode read")
      ->capture_default_str();
  c->add_option("--scale", o.geometry.scale, "Share of each block's pages that is kept")
      ->capture_default_str();
  c->add_option("--window", args->window,
                "START:DURATION on the trace's clock (600s:16s); auto: the most typical one")
      ->capture_default_str();
  c->add_option("--length", args->length, "Length of the automatic window, device time")
      ->capture_default_str();
  c->add_option("--time-scale", o.time_scale, "Replay so many times faster")->capture_default_str();
  c->add_option("--spread", args->spread,
                "Spread requests with the same timestamp over this time; auto: a coarse clock's "
                "tick; 0: do not")
      ->capture_default_str();
  c->add_option("--dram", args->dram, "Memory tier in front of flash, lab bytes")
      ->capture_default_str();
  c->add_option("--device", args->device, "Drive size, lab bytes")->capture_default_str();
  c->add_option("--flash", args->flash, "Flash tier, lab bytes (default: the drive)");
  c->add_flag("--cold", o.cold, "The flash tier starts empty instead of full of older blocks");
  c->add_option("--prefetch-kib", args->prefetch_kib, "Longest prefetch read")
      ->capture_default_str();
  c->add_option("--prefetch-mibps", o.prefetch_mib_per_s,
                "Pace of a request's prefetch, MiB/s of device time")
      ->capture_default_str();
  c->add_option("--prefill-kib", args->prefill_kib, "Longest prefill write")->capture_default_str();
  c->add_option("--prefill-speed", o.prefill_tokens_per_s, "Tokens/s of one prefill worker")
      ->capture_default_str();
  c->add_option("--prefill-workers", o.prefill_workers, "Prefill workers")->capture_default_str();
  c->add_option("--tpot", args->tpot, "Time per output token")->capture_default_str();
  c->add_option("--decode-read-fraction", o.decode_read_fraction,
                "Share of a request's pages outside memory that one token reads")
      ->capture_default_str();
  c->add_flag("--sample", o.sample, "Mark the workload as made from a generated trace");
  c->add_option("--seed", o.seed, "Seed of arrival times and decode pages")->capture_default_str();
  c->add_option("--max-records", o.max_records, "Refuse more I/Os than this")
      ->capture_default_str();
  c->add_flag("--json", args->json, "Print JSON");
  c->footer(
      "Times are the trace's unless device time is said; sizes are after --scale. docs/traces.md\n"
      "describes the model.\n"
      "Example: kairo trace import mooncake_conversation.jsonl --window 600s:16s -o w.txt");
  c->callback([args, &exit_code] { exit_code = finish(import(*args)); });
}

void add_inspect(CLI::App& trace, int& exit_code) {
  auto args = std::make_shared<InspectArgs>();
  CLI::App* c = trace.add_subcommand(
      "inspect", "What a request trace reuses and needs, or what a workload file asks of a drive");
  c->add_option("file", args->file, "A trace (" + trace::format_names() + ") or a workload file")
      ->required();
  c->add_option("--format", args->format, "Of a trace: auto, " + trace::format_names())
      ->capture_default_str();
  c->add_option("--model", args->model, "Turns blocks into bytes: " + model_names())
      ->capture_default_str();
  c->add_option("--bytes-per-token", args->bytes_per_token, "KV bytes per token instead");
  c->add_option("--tp", args->geometry.tensor_parallel, "Ranks the KV heads are divided over")
      ->capture_default_str();
  c->add_option("--block-tokens", args->block_tokens, "Tokens per hash id (default: the format's)");
  c->add_option("--scale", args->geometry.scale, "Share of each block's pages that is kept")
      ->capture_default_str();
  c->add_flag("--json", args->json, "Print JSON");
  c->footer("Example: kairo trace inspect mooncake_conversation.jsonl --model llama-3-70b");
  c->callback([args, &exit_code] { exit_code = finish(inspect(*args)); });
}

void add_sample(CLI::App& trace, int& exit_code) {
  auto args = std::make_shared<SampleArgs>();
  CLI::App* c = trace.add_subcommand(
      "sample", "Generate a trace in Mooncake's format, every record marked as generated");
  c->add_option("-o,--out", args->out, "File to write")->required();
  c->add_option("--requests", args->requests, "Requests")
      ->check(CLI::Range(1U, 1'000'000U))
      ->capture_default_str();
  c->add_option("--seed", args->seed, "Seed")->capture_default_str();
  c->footer("Example: kairo trace sample --requests 800 --seed 2 -o sample.jsonl");
  c->callback([args, &exit_code] {
    exit_code = finish(base::write_file(args->out, trace::make_sample(args->requests, args->seed)));
  });
}

}  // namespace

void add_trace_commands(CLI::App& app, int& exit_code) {
  CLI::App* trace =
      app.add_subcommand("trace", "LLM request traces: import as a workload, inspect");
  trace->require_subcommand(1);
  add_import(*trace, exit_code);
  add_inspect(*trace, exit_code);
  add_sample(*trace, exit_code);
}

}  // namespace kairo
