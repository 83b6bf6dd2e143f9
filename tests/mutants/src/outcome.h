// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "kairo/base/result.h"

namespace kairo::mutants {

// What became of one mutant.
struct Outcome {
  std::string id;      // of the change itself: the same mutant has the same id in the next run
  std::string origin;  // "drawn" or "chosen"
  std::string where;   // file:line, or the file
  std::string what;    // what it breaks, or the line before and after
  std::string result;  // "killed", "survived", "equivalent", "does not compile", "broken"
  std::string by;      // tests that failed, or the reason why it is equivalent or broken
  std::string commit;  // of the tests that ran
  double seconds = 0;
};

// Fit for the exit status: a mutant that survived, or that could not be tried.
bool is_bad(const Outcome& outcome);

// The outcomes of one run, each on disk as soon as it is known.
class Record {
 public:
  // Goes on from FOLDER/NAME.json if `resume`; outcomes there that were bad are tried again.
  static base::Result<Record> open(const std::filesystem::path& folder, const std::string& name,
                                   bool resume);

  // The outcome of an earlier run; nullptr: there is none.
  [[nodiscard]] const Outcome* find(const std::string& id) const;

  // Adds it, says it on standard output and writes FOLDER/NAME.json.
  base::Status add(Outcome outcome);

  // Keeps what find() has as an outcome of this run.
  base::Status keep(const Outcome& outcome) { return add(outcome); }

  // Writes FOLDER/NAME.md, prints the counts; the exit status: 0 when no outcome is bad.
  base::Result<int> finish() const;

 private:
  Record(std::filesystem::path folder, std::string name)
      : folder_(std::move(folder)), name_(std::move(name)) {}

  std::filesystem::path folder_;
  std::string name_;
  std::vector<Outcome> earlier_;
  std::vector<Outcome> outcomes_;
};

}  // namespace kairo::mutants
