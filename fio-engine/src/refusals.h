// SPDX-License-Identifier: GPL-2.0-only
// What the kernel refused when the job was running, in words: what it is that it does not have, and
// what to do. fio itself prints the errno and no more.
#pragma once

#include <string>

#include "job.h"
#include "trims.h"

namespace kairo::engine {

// Of an I/O that is not supported; `hinted` when its entry says its class, `trim` how it went out
// if it was one. Empty when it is fio's own affair.
std::string refusal_of(const Job& job, const io_u* io, bool hinted, Trim trim);

// A sync that failed: fio counts one as a sync that took no time.
void fail_sync(const Job& job, const io_u* io, int error);

}  // namespace kairo::engine
