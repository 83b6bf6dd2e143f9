# SPDX-License-Identifier: GPL-2.0-only
# cmake -DSERIES=DIR -DOUT=DIR [-DSWITCHES=PATCH] -P extract.cmake: the files of the series that are
# new in it, as they are after the last patch, and after PATCH.
file(REMOVE_RECURSE ${OUT})
file(MAKE_DIRECTORY ${OUT})
file(GLOB patches ${SERIES}/0*.patch)
list(SORT patches)
# else git looks for the files in the checkout that it is called in
get_filename_component(above ${OUT} DIRECTORY)
set(ENV{GIT_CEILING_DIRECTORIES} ${above})
foreach(patch ${patches} ${SWITCHES})
  if(patch MATCHES "0000-cover-letter")
    continue()
  endif()
  # the lines around a switch may have changed since, as for `git apply --3way` in the kernel's tree
  set(around)
  if(patch STREQUAL "${SWITCHES}")
    set(around -C1)
  endif()
  execute_process(
    COMMAND git apply ${around} --include=block/kairo/* --include=drivers/block/kairo_ssd/*
      --include=include/uapi/linux/kairo.h ${patch}
    WORKING_DIRECTORY ${OUT} RESULT_VARIABLE status ERROR_VARIABLE errors)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "${patch}: ${errors}")
  endif()
endforeach()
