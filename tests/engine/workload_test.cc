// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/engine/workload.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kairo/base/files.h"

namespace kairo::engine {
namespace {

using hint::Class;
using testing::HasSubstr;
using testing::StartsWith;

// A workload of four records; a test replaces one part of it.
struct Text {
  std::string first = "# kairo-workload 1\n";
  std::string header =
      "# device_bytes=1073741824\n# records=4\n# duration_ns=2000000\n# source=test\n"
      "# sample=true\n";
  std::string columns = "time_ns,class,offset,length,session\n";
  std::string records =
      "0,decode,0,65536,7\n"
      "150000,prefetch,65536,131072,4294967295\n"
      "150000,prefill,536870912,1048576,8\n"
      "2000000,evict,0,1073741824,7\n";
  std::string end = "# end records=4\n";

  [[nodiscard]] std::string str() const { return first + header + columns + records + end; }
};

std::string error_of(const Text& text) {
  const auto parsed = parse_workload(text.str(), "w");
  return parsed ? "accepted" : parsed.error().message;
}

TEST(Workload, EveryFieldArrives) {
  const auto parsed = parse_workload(Text{}.str(), "w");
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(parsed->device_bytes, 1073741824U);
  EXPECT_EQ(parsed->duration_ns, 2000000U);
  EXPECT_TRUE(parsed->sample);
  EXPECT_EQ(parsed->source, "test");
  ASSERT_EQ(parsed->records.size(), 4U);
  const Record& second = parsed->records[1];
  EXPECT_EQ(second.time_ns, 150000U);
  EXPECT_EQ(second.cls, Class::kPrefetch);
  EXPECT_EQ(second.offset, 65536U);
  EXPECT_EQ(second.length, 131072U);
  EXPECT_EQ(second.session, 4294967295U);
  EXPECT_EQ(parsed->max_data_length, 1048576U);
  EXPECT_EQ(parsed->ios, (std::array<std::uint64_t, 5>{0, 1, 1, 1, 1}));
  EXPECT_EQ(parsed->bytes[hint::index(Class::kEvict)], 1073741824U);
}

TEST(Workload, UnknownHeaderKeysAreNotes) {
  Text text;
  text.header += "# hit_rate=0.36\n";
  EXPECT_EQ(error_of(text), "accepted");
}

TEST(Workload, RecordErrorsNameTheLine) {
  const struct {
    const char* line;
    const char* message;
  } cases[] = {
      {"", "w:9: '' has not the five fields"},
      {"1,decode,0,4096", "w:9: '1,decode,0,4096' has not the five fields"},
      {"1,decode,0,4096,1,1", "has not the five fields"},
      {"-1,decode,0,4096,1", "w:9: time_ns '-1' is not a whole number"},
      {"1.5,decode,0,4096,1", "time_ns '1.5'"},
      {"99999999999999999999,decode,0,4096,1", "time_ns '99999999999999999999'"},
      {"1,normal,0,4096,1", "class 'normal' is not one of decode, prefetch, prefill, evict"},
      {"1,Decode,0,4096,1", "class 'Decode'"},
      {"1,decode,512,4096,1", "offset 512 is not a multiple of 4096"},
      {"1,decode,x,4096,1", "offset 'x'"},
      {"1,decode,0,0,1", "length 0 of class decode"},
      {"1,decode,0,5000,1", "length 5000"},
      {"1,decode,0,1052672,1", "length 1052672 of class decode"},
      {"1,evict,0,1073745920,1", "length 1073745920 of class evict"},
      {"1,decode,1073741824,4096,1", "past the end of the device, device_bytes=1073741824"},
      {"1,decode,18446744073709547520,4096,1", "past the end of the device"},
      {"1,decode,0,4096,4294967296", "session '4294967296'"},
      {"2000001,decode,0,4096,1", "after duration_ns=2000000"},
      {"# comment", "w:9: '# comment' among the records"},
      {"1,dec\x1b[31m,0,4096,1", "class 'dec?[31m'"},
  };
  for (const auto& c : cases) {
    Text text;
    text.records = "0,decode,0,4096,1\n" + std::string(c.line) + "\n";
    EXPECT_THAT(error_of(text), HasSubstr(c.message)) << c.line;
  }
}

TEST(Workload, TimesMustNotGoBack) {
  Text text;
  text.records = "5,decode,0,4096,1\n4,decode,0,4096,1\n";
  EXPECT_EQ(error_of(text),
            "w:9: time_ns 4 is before the record above, 5 (sort the records by time)");
}

TEST(Workload, TruncationIsNoticedWhereverItHappens) {
  const std::string whole = Text{}.str();
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_FALSE(parse_workload(whole.substr(0, size), "w")) << size;
  Text text;
  text.end.clear();
  EXPECT_THAT(error_of(text), HasSubstr("truncated workload"));
  text.records += "2000000,dec";
  EXPECT_THAT(error_of(text), HasSubstr("w:12: truncated workload"));
}

TEST(Workload, CountsMustAgree) {
  Text fewer;
  fewer.records = "0,decode,0,4096,1\n";
  fewer.end = "# end records=1\n";
  EXPECT_THAT(error_of(fewer), HasSubstr("1 records were read, the header says 4"));
  Text lost;  // the end line agrees with the header alone
  lost.records = "0,decode,0,4096,1\n";
  EXPECT_THAT(error_of(lost), HasSubstr("1 records were read, the header says 4"));
  Text end;
  end.end = "# end records=3\n";
  EXPECT_THAT(error_of(end), HasSubstr("the end line says 3"));
  Text more;
  more.records += "2000000,decode,0,4096,1\n";
  EXPECT_THAT(error_of(more), HasSubstr("more records than records=4"));
  Text after;
  after.end += "0,decode,0,4096,1\n";
  EXPECT_THAT(error_of(after), HasSubstr("w:13: there is text after the end line"));
}

TEST(Workload, HeaderErrorsNameTheKey) {
  const struct {
    const char* from;
    const char* to;
    const char* message;
  } cases[] = {
      {"# records=4\n", "", "no '# records=' line"},
      {"# sample=true\n", "", "no '# sample=' line"},
      {"sample=true", "sample=maybe", "sample=maybe is neither true nor false"},
      {"records=4", "records=0", "records=0 is outside"},
      {"records=4", "records=99999999999", "records=99999999999 is outside"},
      {"device_bytes=1073741824", "device_bytes=", "device_bytes='' is not a whole number"},
      {"device_bytes=1073741824", "device_bytes=1k", "device_bytes='1k'"},
      {"duration_ns=2000000", "duration_ns=18446744073709551615", "more than 30 days"},
      {"# source=test\n", "# source=test\n# source=again\n", "'source' is given twice"},
      {"# source=test\n", "source=test\n", "neither a '# key=value' line"},
  };
  for (const auto& c : cases) {
    Text text;
    text.header.replace(text.header.find(c.from), std::string_view(c.from).size(), c.to);
    EXPECT_THAT(error_of(text), HasSubstr(c.message)) << c.to;
  }
}

TEST(Workload, OtherFilesAreRefusedWithWhatTheyAre) {
  EXPECT_THAT(parse_workload("", "w").error().message, StartsWith("w: is empty"));
  Text text;
  text.first = "# kairo-workload 2\n";
  EXPECT_THAT(error_of(text), HasSubstr("w:1: format version '2' is not 1"));
  text.first = "{\"timestamp\": 0}\n";
  EXPECT_THAT(error_of(text), HasSubstr("w:1: not a workload"));
  text.first = "# kairo-workload 1\r\n";
  EXPECT_THAT(error_of(text), HasSubstr("CR LF"));
}

TEST(Workload, ReadsFiles) {
  const auto dir = base::TempDir::create("kairo-test-");
  ASSERT_TRUE(dir);
  const auto path = dir->path() / "w.kairo";
  EXPECT_THAT(read_workload(path).error().message, HasSubstr("no such file"));
  ASSERT_TRUE(base::write_file(path, Text{}.str()));
  EXPECT_EQ(read_workload(path)->records.size(), 4U);
  Text text;
  text.records = "0,decode,0,1,1\n";
  ASSERT_TRUE(base::write_file(path, text.str()));
  EXPECT_THAT(read_workload(path).error().message, StartsWith(path.string() + ":8: length 1"));
}

// The example in docs/workload-format.md, which leaves out all but a few of its records.
TEST(Workload, TheDocumentedExampleIsAccepted) {
  const auto doc = base::read_file(KAIRO_SOURCE_DIR "/docs/workload-format.md");
  ASSERT_TRUE(doc);
  const std::size_t begin = doc->find("# kairo-workload 1\n");
  const std::size_t end = doc->find("```", begin);
  ASSERT_NE(end, std::string::npos);
  std::string text = doc->substr(begin, end - begin);
  std::size_t shown = 0;
  for (std::size_t at = text.find("session\n"); text[at = text.find('\n', at) + 1] != '.';
       ++shown) {
  }
  text.erase(text.find("...\n"), 4);
  for (std::size_t at = 0; (at = text.find("records=", at)) != std::string::npos; ++at)
    text.replace(at, text.find('\n', at) - at, "records=" + std::to_string(shown));
  const auto parsed = parse_workload(text, "doc");
  ASSERT_TRUE(parsed) << parsed.error().message << text;
  EXPECT_EQ(parsed->records.size(), shown);
}

}  // namespace
}  // namespace kairo::engine
