// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstddef>
#include <string>

#include "fio_headers.h"

// Is the fio that loaded this engine the fio it was compiled for? fio's own check compares one
// number that several releases with different structures share, so an engine for another release
// may load and then read the wrong fields.
namespace kairo::engine {

// What is wrong, in one line with the remedy, or "" when version and layout agree.
// `running` is fio_version_string, `options` fio's own option table with `count` entries: each
// entry carries the offset of its field in thread_options as fio was compiled.
std::string abi_mismatch(const char* built_for, const char* running, const fio_option* options,
                         std::size_t count);

// The check that every job makes in init: the above on the loading fio, and that `td` points at
// this engine where this build expects it.
std::string abi_mismatch(const thread_data* td, const ioengine_ops* ops);

// The check on the first io_u: its fields are where this build expects them.
bool io_u_plausible(const thread_data* td, const io_u* io);

}  // namespace kairo::engine
