/* SPDX-License-Identifier: GPL-2.0-only */
/* linux/kairo.h as C99 and C11, alone and first. */
#include <linux/kairo.h>

int kairo_h_classes(void);

int kairo_h_classes(void) {
  static const char* const names[KAIRO_NR_CLASSES] = {
      [KAIRO_CLASS_NORMAL] = "normal",     [KAIRO_CLASS_DECODE] = "decode",
      [KAIRO_CLASS_PREFETCH] = "prefetch", [KAIRO_CLASS_PREFILL] = "prefill",
      [KAIRO_CLASS_EVICT] = "evict",
  };
  int count = 0;

  for (int i = 0; i < KAIRO_NR_CLASSES; i++) count += names[i] != 0;
  return count;
}
