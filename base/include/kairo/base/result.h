// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <fmt/format.h>

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace kairo::base {

// What went wrong, sorted by what the caller can do about it. The values are the exit status of the
// `kairo` command.
enum class ErrorCode : int {
  kShort = 1,        // it ran, and the thing measured or checked fell short
  kUsage = 2,        // the command line is wrong
  kInput = 3,        // a file or the data in it is wrong
  kUnavailable = 77  // not possible on this machine; the message says why
};

// `message` is a full sentence for a person: it names the file (and line or field), says what is
// wrong and, in parentheses, what to do about it.
struct Error {
  ErrorCode code = ErrorCode::kInput;
  std::string message;
};

// Either a value or an Error. Four ways to handle one:
//   KAIRO_TRY(const auto text, read_file(name));     the value, or pass the error on
//   KAIRO_CHECK(write_file(name, text));             pass an error on
//   if (!r) return base::fail(r.error(), "a.toml");  pass it on with one layer of context
//   r.value() after a check                           use it
template <class T>
using Result = tl::expected<T, Error>;

using Status = Result<void>;

inline tl::unexpected<Error> fail(Error error) {
  return tl::unexpected<Error>(std::move(error));
}

// Prefixes "context: " to the message, once per layer.
inline tl::unexpected<Error> fail(Error error, std::string_view context) {
  error.message = fmt::format("{}: {}", context, error.message);
  return tl::unexpected<Error>(std::move(error));
}

template <class... Args>
tl::unexpected<Error> fail(ErrorCode code, fmt::format_string<Args...> text, Args&&... args) {
  return tl::unexpected<Error>(Error{code, fmt::format(text, std::forward<Args>(args)...)});
}

// Bad input is by far the most common failure, so it has the short name.
template <class... Args>
tl::unexpected<Error> bad_input(fmt::format_string<Args...> text, Args&&... args) {
  return fail(ErrorCode::kInput, text, std::forward<Args>(args)...);
}

// Both return from the function that they stand in, which returns a Result. What is declared may be
// a variable that is there: KAIRO_TRY(out.name, read_name(file)). The first is several statements:
// it needs braces behind `if` and `for`.
#define KAIRO_TRY(declaration, ...) \
  KAIRO_TRY_AS(KAIRO_JOIN(kairo_result_, __LINE__), declaration, __VA_ARGS__)
#define KAIRO_TRY_AS(result, declaration, ...)                        \
  auto result = (__VA_ARGS__);                                        \
  if (!result) return ::kairo::base::fail(std::move(result).error()); \
  declaration = *std::move(result) /* NOLINT(bugprone-macro-parentheses) */
#define KAIRO_CHECK(...)                                         \
  do {                                                           \
    if (auto kairo_done = (__VA_ARGS__); !kairo_done)            \
      return ::kairo::base::fail(std::move(kairo_done).error()); \
  } while (false)
#define KAIRO_JOIN(a, b) KAIRO_JOIN_AS(a, b)
#define KAIRO_JOIN_AS(a, b) a##b

// Prints `kairo: message` on stderr and returns the exit status that belongs to the error.
int report_error(const Error& error);

}  // namespace kairo::base
