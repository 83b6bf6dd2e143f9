/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once
#define min(a, b)           \
  ({                        \
    __typeof__(a) _a = (a); \
    __typeof__(b) _b = (b); \
    _a < _b ? _a : _b;      \
  })
#define max(a, b)           \
  ({                        \
    __typeof__(a) _a = (a); \
    __typeof__(b) _b = (b); \
    _a > _b ? _a : _b;      \
  })
#define min_t(t, a, b) \
  ({                   \
    t _a = (a);        \
    t _b = (b);        \
    _a < _b ? _a : _b; \
  })
#define max_t(t, a, b) \
  ({                   \
    t _a = (a);        \
    t _b = (b);        \
    _a > _b ? _a : _b; \
  })
#define clamp_t(t, v, lo, hi) min_t(t, max_t(t, v, lo), hi)
#define clamp(v, lo, hi) min(max(v, lo), hi)
#define min_not_zero(a, b)                                             \
  ({                                                                   \
    __typeof__(a) _x = (a);                                            \
    __typeof__(b) _y = (b);                                            \
    !_x ? (__typeof__(_x))_y : !_y ? _x : min(_x, (__typeof__(_x))_y); \
  })
