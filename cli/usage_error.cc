// SPDX-License-Identifier: GPL-2.0-only
#include "usage_error.h"

#include <fmt/format.h>

#include <vector>

#include "kairo/base/suggest.h"

namespace kairo {
namespace {

struct UnknownWord {
  const CLI::App* command = nullptr;
  std::string word;
};

// The first one, in the command it was given to.
UnknownWord find_unknown(const CLI::App* command) {
  if (const std::vector<std::string> left = command->remaining(); !left.empty())
    return {command, left.front()};
  for (const CLI::App* const sub : command->get_subcommands())
    if (UnknownWord found = find_unknown(sub); found.command != nullptr) return found;
  return {};
}

// The options of the command, or its subcommands.
std::vector<std::string> known_words(const CLI::App* command, bool options) {
  std::vector<std::string> out;
  if (options) {
    for (const CLI::Option* const option : command->get_options())
      for (const std::string& name : option->get_lnames()) out.push_back("--" + name);
    return out;
  }
  for (const CLI::App* const sub : command->get_subcommands([](const CLI::App*) { return true; }))
    out.push_back(sub->get_name());
  return out;
}

// "kairo experiment run"
std::string full_name(const CLI::App* command) {
  const std::string name = command->get_name();
  return command->get_parent() == nullptr
             ? name
             : fmt::format("{} {}", full_name(command->get_parent()), name);
}

}  // namespace

std::string usage_error(const CLI::App* app, const CLI::Error& error) {
  const UnknownWord unknown = find_unknown(app);
  if (unknown.command == nullptr) return fmt::format("kairo: {} (see --help)\n", error.what());
  const bool option = unknown.word.starts_with("--");
  const std::string word = option ? unknown.word.substr(0, unknown.word.find('=')) : unknown.word;
  const std::string meant = base::nearest_word(word, known_words(unknown.command, option));
  return fmt::format("kairo: '{}': unknown here{} (see {} --help)\n", word,
                     meant.empty() ? "" : fmt::format(", did you mean {}?", meant),
                     full_name(unknown.command));
}

}  // namespace kairo
