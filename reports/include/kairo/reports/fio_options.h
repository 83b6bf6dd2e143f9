// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <string_view>

namespace kairo::reports {

// Why no report can be made of a run whose jobs have this option: what it does to fio's output, and
// the remedy in brackets. Empty when one can. Also those that whoever starts fio for a report sets
// itself: the command line's output options, and the logs that figures over time are made of.
// Options that only add members (percentile_list, slat_percentiles, disable_lat, ...) are none of
// these: the reader takes them as they come.
std::string fio_option_objection(std::string_view option, std::string_view value);

}  // namespace kairo::reports
