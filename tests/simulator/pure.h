// SPDX-License-Identifier: GPL-2.0-only
#pragma once

// The pure files of the series: what knows neither a queue nor a clock.
// "class" is a name there.
#define class class_
extern "C" {
#include "block/kairo/pace.h"
#include "block/kairo/stats.h"
#include "block/kairo/window.h"
#include "drivers/block/kairo_ssd/drive.h"
}
#undef class
#undef min
#undef max
#undef min_t
#undef max_t
#undef clamp
#undef clamp_t
#undef min_not_zero
