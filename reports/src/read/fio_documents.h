// SPDX-License-Identifier: GPL-2.0-only
// The JSON documents in what fio wrote.
#pragma once

#include <string>
#include <string_view>

#include "read/json_reader.h"

namespace kairo::reports {

// The document that holds a run's figures. Each begins with a line `{` and ends with a line `}`, as
// fio's own tests find them; text around them is skipped. With --status-interval fio writes one at
// every interval, each from the begin on, so the last one is the run's. Refused: no document,
// documents that are not JSON, documents of different runs.
base::Result<Json> parse_fio_document(std::string_view text, const std::string& source);

}  // namespace kairo::reports
