# SPDX-License-Identifier: GPL-2.0-only
# Language level, warnings as errors and sanitizers for every target of this project.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_STANDARD 11)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "" FORCE)
endif()

set(KAIRO_WARNINGS -Wall -Wextra -Wshadow -Wcast-qual -Wundef -Wvla -Wconversion -Wsign-conversion -Werror)
set(KAIRO_CXX_WARNINGS ${KAIRO_WARNINGS} -Wnon-virtual-dtor)

# The code has to name things once: every target links this.
add_library(kairo_options INTERFACE)
target_compile_options(kairo_options INTERFACE
  "$<$<COMPILE_LANGUAGE:CXX>:${KAIRO_CXX_WARNINGS}>" "$<$<COMPILE_LANGUAGE:C>:${KAIRO_WARNINGS}>")
target_compile_definitions(kairo_options INTERFACE $<$<CONFIG:Debug>:_GLIBCXX_ASSERTIONS>)

if(KAIRO_SANITIZE)
  add_compile_options(-fsanitize=${KAIRO_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${KAIRO_SANITIZE})
endif()

find_program(KAIRO_CCACHE ccache)
if(KAIRO_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_C_COMPILER_LAUNCHER ${KAIRO_CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${KAIRO_CCACHE})
endif()
