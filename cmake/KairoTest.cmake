# SPDX-License-Identifier: GPL-2.0-only
# kairo_add_test(NAME SOURCES a.cc ... [LIBS lib ...] [LABELS label ...] [TIMEOUT seconds]
#   [GUEST [HOST_TIME]])
# One GoogleTest program and one ctest entry per suite. Exit status 77 is a skip; the program prints why
# (tests/support says when that is a failure).
# GUEST marks tests that boot a kernel, labelled `guest`. In virtual time any number may run side by side
# (ctest -j); HOST_TIME ones have two processors in the guest, and so on the host.
function(kairo_add_test name)
  cmake_parse_arguments(arg "GUEST;HOST_TIME" "TIMEOUT" "SOURCES;LIBS;LABELS" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE kairo_options ${arg_LIBS} kairo_test_main)
  target_compile_definitions(${name} PRIVATE KAIRO_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  add_test(NAME ${name} COMMAND ${name})
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 60)
  endif()
  if(arg_GUEST)
    list(APPEND arg_LABELS guest)
    if(arg_HOST_TIME)
      set_tests_properties(${name} PROPERTIES PROCESSORS 2)
    endif()
  endif()
  set_tests_properties(${name} PROPERTIES
    LABELS "${arg_LABELS}" SKIP_RETURN_CODE 77 TIMEOUT ${arg_TIMEOUT})
endfunction()
