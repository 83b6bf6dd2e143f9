/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once
#include "types.h"
#include <string.h>
