/* SPDX-License-Identifier: GPL-2.0-only */
/* The switch of tests/mutants that is on: KAIRO_MUTANT=NUMBER in the environment, else none. */
#include <stdlib.h>

unsigned int kairo_mutant;

__attribute__((constructor)) static void read_switch(void) {
  const char* number = getenv("KAIRO_MUTANT");

  if (number) kairo_mutant = strtoul(number, NULL, 10);
}
