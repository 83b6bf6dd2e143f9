// SPDX-License-Identifier: GPL-2.0-only
// The reader against captured fio output, and against the same output damaged.
#include "kairo/reports/fio_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <nlohmann/json.hpp>

#include "kairo/base/files.h"

namespace kairo::reports {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;
using testing::HasSubstr;

const fs::path kFixtures = fs::path(KAIRO_SOURCE_DIR) / "tests/fixtures/reports";

std::string fixture(const std::string& name) {
  const auto text = base::read_file(kFixtures / name);
  EXPECT_TRUE(text) << name;
  return text.value_or("");
}

std::string refusal(const std::string& text) {
  const auto result = parse_fio_json(text, "x.json");
  EXPECT_FALSE(result);
  return result ? "" : result.error().message;
}

// The message for null-randrw.json after `change`.
std::string refusal_after(const std::function<void(Json&)>& change) {
  Json json = Json::parse(fixture("fio/null-randrw.json"));
  change(json);
  return refusal(json.dump(1));
}

Json& read_clat(Json& json) {
  return json["jobs"][0]["read"]["clat_ns"];
}

// fio's own percentiles, all of them, from every captured file.
TEST(FioJson, RecomputedPercentilesEqualFios) {
  unsigned compared = 0;
  for (const auto& entry : fs::recursive_directory_iterator(kFixtures)) {
    if (entry.path().filename() != "fio.json" && entry.path().parent_path().filename() != "fio")
      continue;
    if (entry.path().filename() == "no-bins.json") continue;
    const auto text = base::read_file(entry.path());
    const auto fio = parse_fio_json(*text, entry.path().string());
    ASSERT_TRUE(fio) << fio.error().message;
    const Json json =
        Json::parse(text->substr(text->find("\n{") == std::string::npos ? 0 : text->find("\n{")));
    for (std::size_t job = 0; job < fio->jobs.size(); ++job) {
      for (std::size_t i = 0; i < kDirectionNames.size(); ++i) {
        const Json& clat = json[json.contains("jobs") ? "jobs" : "client_stats"][job]
                               [std::string(kDirectionNames[i])]["clat_ns"];
        if (!clat.contains("percentile")) continue;
        for (const auto& [key, value] : clat["percentile"].items()) {
          EXPECT_EQ(fio->jobs[job].directions[i].latency.histogram.percentile(std::stod(key)),
                    value.get<std::uint64_t>())
              << entry.path() << " job " << job << " p" << key;
          ++compared;
        }
      }
    }
  }
  EXPECT_GT(compared, 400U);
}

TEST(FioJson, ReadsCountsAndExtremes) {
  const auto fio = parse_fio_json(fixture("fio/null-randrw.json"), "x.json");
  ASSERT_TRUE(fio) << fio.error().message;
  EXPECT_EQ(fio->version, "fio-3.33");
  ASSERT_EQ(fio->jobs.size(), 1U);
  const FioJob& job = fio->jobs[0];
  EXPECT_EQ(job.name, "mixed");
  EXPECT_EQ(job.error, 0U);
  EXPECT_EQ(job.options.at("iodepth"), "4");
  const FioDirection& reads = job.directions[0];
  const FioDirection& writes = job.directions[1];
  EXPECT_EQ(reads.ios + writes.ios, 5003U);
  EXPECT_EQ(reads.latency.histogram.count(), reads.ios);
  EXPECT_EQ(reads.bytes, reads.ios * 4096);
  EXPECT_GT(reads.latency.min_ns, 0U);
  EXPECT_GE(reads.latency.max_ns, *reads.latency.histogram.percentile(99.9));
  EXPECT_EQ(job.directions[2].latency.histogram.count(), 0U);
}

TEST(FioJson, ReadsTrimsGroupsAndFailures) {
  const auto trim = parse_fio_json(fixture("fio/null-trim.json"), "x.json");
  ASSERT_TRUE(trim) << trim.error().message;
  EXPECT_EQ(trim->jobs[0].directions[2].latency.histogram.count(), 1009U);
  const auto group = parse_fio_json(fixture("fio/group.json"), "x.json");
  ASSERT_TRUE(group) << group.error().message;
  ASSERT_EQ(group->jobs.size(), 1U);
  EXPECT_EQ(group->jobs[0].directions[0].latency.histogram.count(), 4006U);
  // fio's complaint stands before the JSON, and the job carries ENOSPC.
  const std::string failed = fixture("fio/failed.json");
  EXPECT_TRUE(failed.starts_with("fio: "));
  const auto failure = parse_fio_json(failed, "x.json");
  ASSERT_TRUE(failure) << failure.error().message;
  EXPECT_EQ(failure->jobs[0].error, 28U);
}

TEST(FioJson, ReadsLabelsThatAddUp) {
  const auto fio = parse_fio_json(fixture("campaign/runs/mix/depth16/1/fio.json"), "x.json");
  ASSERT_TRUE(fio) << fio.error().message;
  const FioDirection& reads = fio->jobs[0].directions[0];
  ASSERT_EQ(reads.labelled.size(), 2U);
  EXPECT_EQ(
      reads.labelled[0].latency.histogram.count() + reads.labelled[1].latency.histogram.count(),
      4001U);
  EXPECT_EQ(reads.labelled[0].prioclass, 1U);
}

TEST(FioJson, SkipsTextAroundTheDocument) {
  const std::string text = fixture("fio/null-randrw.json");
  const auto plain = parse_fio_json(text, "x.json");
  const auto wrapped =
      parse_fio_json("note: {braces} here\n" + text + "\nfio: done {0}\n", "x.json");
  ASSERT_TRUE(plain);
  ASSERT_TRUE(wrapped) << wrapped.error().message;
  EXPECT_TRUE(plain->jobs[0].directions[0].latency.histogram ==
              wrapped->jobs[0].directions[0].latency.histogram);
}

TEST(FioJson, RefusesTruncatedText) {
  const std::string text = fixture("fio/null-randrw.json");
  for (std::size_t length = 0; length + 3 < text.size(); length += 97)
    ASSERT_FALSE(parse_fio_json(text.substr(0, length), "x.json")) << length;
  EXPECT_THAT(refusal(text.substr(0, text.size() / 2)), HasSubstr("truncated"));
}

TEST(FioJson, RefusesForeignDocuments) {
  EXPECT_THAT(refusal("{}"), HasSubstr("fio version: missing: not fio's output"));
  EXPECT_THAT(refusal("[1, 2]"), HasSubstr("not a JSON object"));
  EXPECT_THAT(refusal("{\"fio version\": \"3.33\", \"jobs\": []}"), HasSubstr("is not fio's"));
  EXPECT_THAT(refusal("{\"fio version\": \"fio-3.33\", \"jobs\": []}"), HasSubstr("jobs: none"));
  EXPECT_THAT(refusal(std::string(100000, '[')), HasSubstr("deeper than"));
  EXPECT_THAT(refusal(std::string("{\"fio version\": \"\xff\"}")), HasSubstr("x.json"));
}

TEST(FioJson, RefusesOtherUnitsAndVersions) {
  EXPECT_THAT(refusal_after([](Json& json) { json["fio version"] = "fio-2.16"; }),
              HasSubstr("microseconds"));
  EXPECT_THAT(refusal_after([](Json& json) {
                Json& read = json["jobs"][0]["read"];
                read["clat"] = read["clat_ns"];
                read.erase("clat_ns");
              }),
              HasSubstr("microseconds"));
  // Nanoseconds divided by 1,000 are no bucket midpoints.
  EXPECT_THAT(refusal_after([](Json& json) {
                Json bins = Json::object();
                for (const auto& [key, value] : read_clat(json)["bins"].items())
                  bins[std::to_string(std::stoull(key) * 1000)] = value;
                read_clat(json)["bins"] = bins;
              }),
              HasSubstr("another unit or edited"));
}

TEST(FioJson, RefusesOutputWithoutBinsOrOfLatOnly) {
  EXPECT_THAT(refusal(fixture("fio/no-bins.json")), HasSubstr("--output-format=json+"));
  EXPECT_THAT(refusal_after([](Json& json) {
                Json& read = json["jobs"][0]["read"];
                read["lat_ns"] = read["clat_ns"];
                read.erase("clat_ns");
              }),
              HasSubstr("lat_percentiles=0"));
}

TEST(FioJson, RefusesFiguresThatDoNotFollowFromTheBins) {
  EXPECT_THAT(refusal_after([](Json& json) {
                auto bins = read_clat(json)["bins"].items();
                bins.begin().value() = bins.begin().value().get<int>() + 1;
              }),
              HasSubstr("samples where N is"));
  // Bins that lost a sample.
  EXPECT_THAT(refusal_after([](Json& json) {
                Json& count = read_clat(json)["N"];
                count = count.get<int>() + 1;
              }),
              HasSubstr("samples where N is"));
  EXPECT_THAT(refusal_after([](Json& json) {
                Json& p99 = read_clat(json)["percentile"]["99.000000"];
                p99 = p99.get<int>() / 2;
              }),
              HasSubstr("but the bins say"));
  EXPECT_THAT(refusal_after([](Json& json) { read_clat(json)["max"] = 1; }),
              HasSubstr("not in the last bin"));
  EXPECT_THAT(refusal_after([](Json& json) { read_clat(json)["min"] = 100000000; }),
              HasSubstr("not in the first bin"));
  EXPECT_THAT(refusal_after([](Json& json) { read_clat(json)["bins"]["129"] = -1; }),
              HasSubstr("not a count"));
  // Counts that add up again after wrapping around.
  EXPECT_THAT(refusal_after([](Json& json) {
                read_clat(json)["bins"]["1"] = UINT64_MAX;
                read_clat(json)["bins"]["2"] = 1;
              }),
              HasSubstr("too many samples"));
}

// Without one of the three there is no processor time, and nothing to refuse.
TEST(FioJson, ProcessorTimeNeedsAllOfItsParts) {
  for (const char* const part : {"usr_cpu", "sys_cpu", "job_runtime"}) {
    Json json = Json::parse(fixture("fio/null-randrw.json"));
    ASSERT_EQ(json["jobs"][0].erase(part), 1U) << part;
    const auto fio = parse_fio_json(json.dump(1), "x.json");
    ASSERT_TRUE(fio) << part << ": " << fio.error().message;
    EXPECT_FALSE(fio->jobs[0].user_ns || fio->jobs[0].system_ns) << part;
  }
}

TEST(FioJson, RefusesLabelsThatDoNotAddUp) {
  Json json = Json::parse(fixture("campaign/runs/mix/depth16/1/fio.json"));
  json["jobs"][0]["read"]["prios"].erase(0);
  EXPECT_THAT(refusal(json.dump(1)), HasSubstr("do not add up"));
}

TEST(FioJson, RefusesWrongTypes) {
  EXPECT_THAT(refusal_after([](Json& json) { read_clat(json)["N"] = "2454"; }),
              HasSubstr("jobs[0].read.clat_ns.N: not a whole number"));
  EXPECT_THAT(refusal_after([](Json& json) { json["jobs"][0]["read"] = 5; }),
              HasSubstr("jobs[0].read: not a JSON object"));
  EXPECT_THAT(refusal_after([](Json& json) { json["jobs"] = "many"; }),
              HasSubstr("jobs: not an array"));
  EXPECT_THAT(refusal_after([](Json& json) { json["jobs"][0].erase("jobname"); }),
              HasSubstr("jobs[0].jobname: missing"));
}

}  // namespace
}  // namespace kairo::reports
