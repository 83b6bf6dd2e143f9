// SPDX-License-Identifier: GPL-2.0-only
#include "qemu.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "guest_init.h"

namespace kairo::kernel {
namespace {

// A comma separates options in QEMU's syntax; doubled it stands for itself.
std::string escaped(const std::filesystem::path& path) {
  std::string out;
  for (const char c : path.string()) out += c == ',' ? std::string(",,") : std::string(1, c);
  return out;
}

std::string kernel_command_line(const GuestSpec& spec) {
  // loglevel=5 shows warnings, which WARN() and lockdep print as, and hides the boot messages.
  std::string line =
      "console=ttyS0 loglevel=5 panic=-1 nokaslr tsc=reliable random.trust_bootloader=off "
      "random.trust_cpu=off printk.devkmsg=on null_blk.nr_devices=0";
  if (!spec.kernel_arguments.empty()) line += " " + spec.kernel_arguments;
  return line;
}

void add_share(std::vector<std::string>& argv, std::string_view tag,
               const std::filesystem::path& path, bool read_only) {
  argv.insert(argv.end(), {"-fsdev",
                           fmt::format("local,id={},path={},security_model=none,multidevs=remap{}",
                                       tag, escaped(path), read_only ? ",readonly=on" : ""),
                           "-device", fmt::format("virtio-9p-pci,fsdev={0},mount_tag={0}", tag)});
}

}  // namespace

std::string qemu_program(const GuestSpec& spec) {
  constexpr const char* kName = "qemu-system-x86_64";
  return spec.qemu_root.empty() ? kName : (spec.qemu_root / "usr/bin" / kName).string();
}

std::vector<std::string> qemu_argv(const GuestSpec& spec, const QemuFiles& files) {
  std::vector<std::string> argv = {qemu_program(spec), "-nodefaults", "-no-user-config",
                                   "-no-reboot", "-M", "q35", "-display", "none", "-smp",
                                   // sockets, because SeaBIOS' MP table, which a kernel without
                                   // ACPI reads, has only the first processor of each
                                   fmt::format("{0},sockets={0},cores=1,threads=1", spec.smp), "-m",
                                   fmt::format("{}M", spec.mem_mib), "-seed",
                                   std::to_string(static_cast<std::uint32_t>(spec.seed))};
  switch (spec.accel) {
    case Accel::kVirtual:
      argv.insert(argv.end(), {"-accel", "tcg,thread=single", "-cpu", "qemu64", "-icount",
                               "shift=0,sleep=off", "-rtc", "base=2024-01-01T00:00:00,clock=vm"});
      break;
    case Accel::kTcg:
      argv.insert(argv.end(), {"-accel", "tcg", "-cpu", "qemu64"});
      break;
    case Accel::kKvm:
      argv.insert(argv.end(), {"-accel", "kvm", "-cpu", "host"});
      break;
  }
  argv.insert(argv.end(), {"-serial", "file:" + escaped(files.console)});
  if (files.control.empty())
    argv.insert(argv.end(), {"-serial", "file:" + escaped(files.output)});
  else
    argv.insert(argv.end(), {"-chardev",
                             fmt::format("socket,id=output,path={},server=on,wait=off,logfile={}",
                                         escaped(files.control), escaped(files.output)),
                             "-serial", "chardev:output"});
  if (!files.gdb.empty())
    argv.insert(argv.end(), {"-S", "-gdb", "unix:" + escaped(files.gdb) + ",server=on,wait=off"});
  if (!spec.out_dir.empty()) add_share(argv, kOutTag, spec.out_dir, false);
  if (spec.share_root) add_share(argv, kRootTag, "/", true);
  argv.insert(argv.end(), {"-kernel", spec.kernel_image.string(), "-initrd",
                           files.initramfs.string(), "-append", kernel_command_line(spec)});
  if (!spec.qemu_root.empty()) {
    const auto below = [&](const char* path) { return (spec.qemu_root / path).string(); };
    argv.insert(argv.end(), {"-L", below("usr/share/qemu"), "-L", below("usr/share/seabios")});
  }
  argv.insert(argv.end(), spec.qemu_arguments.begin(), spec.qemu_arguments.end());
  return argv;
}

std::string kvm_obstacle() {
  if (::access("/dev/kvm", R_OK | W_OK) == 0) return {};
  return fmt::format("/dev/kvm: {}", std::strerror(errno));
}

}  // namespace kairo::kernel
