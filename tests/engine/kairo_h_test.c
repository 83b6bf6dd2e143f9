/* SPDX-License-Identifier: GPL-2.0-only */
/* linux/kairo.h as C99 and C11, alone and first. */
#include <linux/kairo.h>

/*
 * Alone it is enough to build with; and linux/fs.h, linux/ioprio.h and linux/fcntl.h may follow,
 * with the same names or without.
 */
static const int hints[] = {
    RWF_KV_DECODE,           RWF_KV_PREFETCH,
    RWF_KV_PREFILL,          IOPRIO_HINT_KV_DECODE,
    IOPRIO_HINT_KV_PREFETCH, IOPRIO_HINT_KV_PREFILL,
    IOPRIO_HINT_KV_EVICT,    IOPRIO_HINT_KV_PREFETCH_BY + IOPRIO_KV_NR_DEADLINES,
    F_GET_KV_CLASS,          F_SET_KV_CLASS,
};

#include <linux/fcntl.h>
#include <linux/fs.h>
#include <linux/ioprio.h>

int kairo_h_classes(void);
int kairo_h_hint(int number);

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

int kairo_h_hint(int number) {
  return hints[number];
}
