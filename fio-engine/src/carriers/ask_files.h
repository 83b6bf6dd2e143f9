// SPDX-License-Identifier: GPL-2.0-only
// For carriers that a kernel or file system refuses file by file.
#pragma once

#include <functional>

#include "carriers.h"
#include "ring.h"

namespace kairo::engine {

Answer answer_of(const hint::ProbeResult& result);

// Of a call that gives 0 or an errno.
hint::ProbeResult answer_to(int error);

// A ring for what must be asked through one; without it nothing is known.
base::Status open_to_ask(Ring& ring, Answer& answer);

// Opens each file as the job will and calls `ask` with the descriptor. The first file that does not
// accept ends it: it is in the Error, with `what` the kernel did not take.
base::Status ask_files(const CarrierInfo& carrier, const char* what, const Asking& asking,
                       Answer& answer, const std::function<hint::ProbeResult(int fd)>& ask);

// One class for all reads of a file and one for all writes; `what` has them.
base::Status check_one_class(const CarrierInfo& carrier, const char* what, const JobShape& job);

}  // namespace kairo::engine
