// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace kairo::mutants {

struct SourceFile {
  std::string path;  // as it is to be named in the diff
  std::string text;
};

// One line of one file, changed in one place.
struct Mutation {
  std::string path;
  std::size_t line = 0;  // from 1
  std::string kind;      // Edit::kind
  std::string before;    // the line as it is, without its end
  std::string after;
};

// Every line of `files` that an edit fits, in an order that only the seed and the files decide,
// with one edit each that is drawn, too: first among the kinds that fit the line, then in its kind.
// Who wants n mutants takes the first n, and passes over those that do not compile.
std::vector<Mutation> draw(const std::vector<SourceFile>& files, std::uint64_t seed);

// The file with the mutation in it.
std::string mutated(const SourceFile& file, const Mutation& mutation);

// As `git apply` reads it.
std::string unified_diff(const SourceFile& file, const Mutation& mutation);

}  // namespace kairo::mutants
