# SPDX-License-Identifier: GPL-2.0-only
# FIO_SOURCE_DIR: the configured source of the installed fio; FIO_VERSION: its version string, as
# fio prints it ("fio-3.33"). -DKAIRO_FIO_SOURCE=DIR takes a source that is already there; else the
# Debian source package of exactly the installed version is fetched once into the cache.
set(KAIRO_FIO_SOURCE "" CACHE PATH "Configured fio source tree of the installed version")

find_program(FIO_PROGRAM fio)
if(NOT FIO_PROGRAM)
  message(FATAL_ERROR "The fio engine needs fio: apt-get install fio "
    "(or configure with -DKAIRO_ENGINE=OFF).")
endif()
execute_process(COMMAND ${FIO_PROGRAM} --version OUTPUT_VARIABLE FIO_VERSION
  OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)

if(KAIRO_FIO_SOURCE)
  set(FIO_SOURCE_DIR ${KAIRO_FIO_SOURCE})
else()
  execute_process(COMMAND dpkg-query -W "-f=\${Version}" fio
    OUTPUT_VARIABLE fio_package_version RESULT_VARIABLE fio_not_packaged ERROR_QUIET)
  if(fio_not_packaged)
    message(FATAL_ERROR "${FIO_PROGRAM} (${FIO_VERSION}) is not from a Debian package, so its "
      "headers cannot be fetched: give its configured source with -DKAIRO_FIO_SOURCE=DIR.")
  endif()
  if(DEFINED ENV{KAIRO_CACHE})
    set(fio_cache "$ENV{KAIRO_CACHE}")
  else()
    set(fio_cache "$ENV{HOME}/.cache/kairo")
  endif()
  string(REPLACE ":" "-" fio_directory_version "${fio_package_version}")
  set(FIO_SOURCE_DIR "${fio_cache}/fio-${fio_directory_version}")
  if(NOT EXISTS "${FIO_SOURCE_DIR}/config-host.h")
    message(STATUS "Fetching the source of fio ${fio_package_version} for its headers")
    execute_process(
      COMMAND "${PROJECT_SOURCE_DIR}/fio-engine/fetch_fio_source.sh"
        "${FIO_SOURCE_DIR}" "${fio_package_version}"
      RESULT_VARIABLE fio_fetch_failed ERROR_VARIABLE fio_fetch_error)
    if(fio_fetch_failed)
      string(STRIP "${fio_fetch_error}" fio_fetch_error)
      message(FATAL_ERROR "No headers of fio ${fio_package_version}: ${fio_fetch_error}.\n"
        "Offline? Unpack that source elsewhere, run ./configure in it and configure with "
        "-DKAIRO_FIO_SOURCE=DIR, or leave the engine out with -DKAIRO_ENGINE=OFF.")
    endif()
  endif()
endif()

foreach(file fio.h config-host.h)
  if(NOT EXISTS "${FIO_SOURCE_DIR}/${file}")
    message(FATAL_ERROR "${FIO_SOURCE_DIR} has no ${file}: it is not a configured fio source "
      "(unpack the source of ${FIO_VERSION} and run ./configure in it).")
  endif()
endforeach()
message(STATUS "fio headers: ${FIO_VERSION} in ${FIO_SOURCE_DIR}")
