# SPDX-License-Identifier: GPL-2.0-only
# Run at every build: writes OUTPUT with the commit of SOURCE, empty outside a git tree. The file
# keeps its time when nothing changed, so that nothing is compiled for it.
execute_process(COMMAND git -C "${SOURCE}" describe --always --abbrev=12 --dirty --exclude=*
  OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE RESULT_VARIABLE failed ERROR_QUIET)
execute_process(COMMAND git -C "${SOURCE}" rev-parse --show-prefix
  OUTPUT_VARIABLE below OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
# A copy without .git inside somebody else's tree is not of that tree's commit.
if(failed OR below)
  set(commit "")
endif()
file(CONFIGURE OUTPUT "${OUTPUT}" CONTENT "#define KAIRO_COMMIT \"@commit@\"\n" @ONLY)
