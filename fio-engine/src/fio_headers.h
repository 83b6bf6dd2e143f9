// SPDX-License-Identifier: GPL-2.0-only
#pragma once

// fio's headers of the installed version, in a form that C++ takes:
// * they include <atomic> under __cplusplus, which may not happen inside extern "C": so it and
//   every other C++ header they pull in comes first;
// * they are on the -isystem path and config-host.h is forced by -include (see CMakeLists.txt);
// * they define min, max and swap-like macros: include this file last.
#include <atomic>
#include <cassert>
#include <cerrno>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

extern "C" {
#include "fio.h"
#include "optgroup.h"
// A member of its is called class.
#define class cmdprio_class_
#include "engines/cmdprio.h"
#undef class
}

#undef min
#undef max

namespace kairo::engine {

// Marks the job as failed with a positive errno; the first error of a job stays.
inline void set_error(thread_data* td, int error, const char* where) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wsign-conversion"
  td_verror(td, error, where);
#pragma GCC diagnostic pop
}

}  // namespace kairo::engine
