# SPDX-License-Identifier: GPL-2.0-only
# kairo_embed(TARGET FILE.sh): `#include "FILE.sh.inc"` in a source of TARGET is the text of FILE.sh as a string
# literal, so that a program carries its shell and shellcheck reads it.
set(KAIRO_EMBED_SCRIPT ${CMAKE_CURRENT_LIST_FILE})
function(kairo_embed target file)
  cmake_path(GET file FILENAME name)
  set(out ${CMAKE_CURRENT_BINARY_DIR}/embed/${name}.inc)
  add_custom_command(OUTPUT ${out}
    COMMAND ${CMAKE_COMMAND} -DIN=${CMAKE_CURRENT_SOURCE_DIR}/${file} -DOUT=${out} -P ${KAIRO_EMBED_SCRIPT}
    DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${file} ${KAIRO_EMBED_SCRIPT})
  target_sources(${target} PRIVATE ${out})
  target_include_directories(${target} PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/embed)
endfunction()

if(CMAKE_SCRIPT_MODE_FILE AND IN)
  file(READ "${IN}" text)
  file(WRITE "${OUT}" "R\"sh(${text})sh\"")
endif()
