// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "kairo/kernel/guest.h"

namespace kairo::kernel {

// The files of one run, all in a private temporary directory.
struct QemuFiles {
  std::filesystem::path initramfs;
  std::filesystem::path console;  // the kernel's serial port
  std::filesystem::path output;   // the script's serial port
  // A socket: what is written to it arrives at that port. Empty: nothing does.
  std::filesystem::path control = {};
  std::filesystem::path gdb = {};  // a socket: wait there before the first instruction
};

// The program: by name from PATH, or that below GuestSpec::qemu_root.
std::string qemu_program(const GuestSpec& spec);

// The whole QEMU command line.
std::vector<std::string> qemu_argv(const GuestSpec& spec, const QemuFiles& files);

// Empty when /dev/kvm can be opened, else the reason why not. A nested one may still accept a
// machine and never run it; that shows only when the kernel does not come up.
std::string kvm_obstacle();

}  // namespace kairo::kernel
