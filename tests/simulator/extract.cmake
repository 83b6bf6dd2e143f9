# SPDX-License-Identifier: GPL-2.0-only
# cmake -DSERIES=DIR -DOUT=DIR -P extract.cmake: the files of the series that are new in it and pure,
# as they are after the last patch.
file(REMOVE_RECURSE ${OUT})
file(MAKE_DIRECTORY ${OUT})
file(GLOB patches ${SERIES}/0*.patch)
list(SORT patches)
# else git looks for the files in the checkout that it is called in
get_filename_component(above ${OUT} DIRECTORY)
set(ENV{GIT_CEILING_DIRECTORIES} ${above})
foreach(patch ${patches})
  if(patch MATCHES "0000-cover-letter")
    continue()
  endif()
  execute_process(
    COMMAND git apply --include=block/kairo/* --include=drivers/block/kairo_ssd/*
      --include=include/uapi/linux/kairo.h ${patch}
    WORKING_DIRECTORY ${OUT} RESULT_VARIABLE status ERROR_VARIABLE errors)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "${patch}: ${errors}")
  endif()
endforeach()
