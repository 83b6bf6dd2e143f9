// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "kairo/base/result.h"

namespace kairo::kernel {

// How the guest's processor runs.
enum class Accel {
  kVirtual,  // TCG with -icount: one instruction is one nanosecond, idle time is jumped over.
             // A run depends on its inputs and seed alone, not on the host. One host thread.
  kTcg,      // TCG in host time: functional tests that need no timing
  kKvm       // hardware; falls back to kTcg, and says so, where /dev/kvm cannot create a VM
};

// "icount", "tcg" or "kvm"; anything else is a usage error that lists them.
base::Result<Accel> parse_accel(std::string_view text);
std::string_view accel_name(Accel accel);

// A file or directory of the host, copied into the initramfs at the absolute path `guest`.
struct GuestFile {
  std::filesystem::path host;
  std::string guest;
};

// One boot. Everything the script needs travels in the initramfs, so that in virtual time nothing
// waits for the host. Before the script runs, /proc /sys /dev /sys/kernel/debug /sys/kernel/config
// /sys/kernel/tracing /tmp /run are mounted, /out is empty and, under kVirtual, 3 s have been slept
// (until then hrtimers tick at 1 ms). busybox's applets are on PATH.
struct GuestSpec {
  // bzImage. One that build_stock() left brings its modules, loaded before all else.
  std::filesystem::path kernel_image;
  std::vector<GuestFile> files = {};
  // Host ELF programs: copied to the same absolute path with the shared libraries `ldd` names.
  std::vector<std::filesystem::path> programs = {};
  std::string script = {};  // run as root by busybox ash; its exit status is the result
  // What the script leaves in /out appears here afterwards (created when missing). Empty: dropped.
  std::filesystem::path out_dir = {};
  Accel accel = Accel::kVirtual;
  unsigned smp = 1;                   // 1..8, the lab kernel's NR_CPUS
  unsigned mem_mib = 1024;            // the initramfs lives in it too
  std::chrono::seconds timeout{600};  // host time for the whole run
  std::uint64_t seed = 1;             // of QEMU's random device and so of the guest's ASLR
  // The host's root file system read-only under the script, with memory over it for writes and
  // empty /tmp and /run: Debian's own programs run as they are. Not exact in virtual time: the
  // host answers 9p requests in host time. `programs` is not needed then.
  bool share_root = false;
  std::string kernel_arguments = {};  // added at the end of the command line
  // Below which usr/bin/qemu-system-x86_64 and its firmware are. Empty: the installed QEMU, with
  // which virtual time was calibrated.
  std::filesystem::path qemu_root = {};
  // Added at the end of QEMU's own: drives the guest is to have, for one. See use_host_time().
  std::vector<std::string> qemu_arguments = {};
  std::function<void(std::string_view line)> on_line = {};  // each line of script output, live
  // An interrupt has stopped the script, and what it left in /out is being fetched (false); it is
  // there, whole (true).
  std::function<void(bool fetched)> on_interrupt = {};
};

struct GuestResult {
  int exit_code = 0;    // the script's
  std::string output;   // what the script printed, stdout and stderr as they came
  std::string console;  // the kernel log as printed on the serial console (warnings and worse)
  std::vector<std::string> kernel_complaints;  // excerpts: BUG, WARNING, lockdep, hung task ...
  std::string note;  // what was not as asked, e.g. the fallback from KVM; empty when nothing
};

// Sets accel and smp for a guest with drives that QEMU emulates. They work in host time, during
// which virtual time would leap over their driver's time-outs; and beside the guest's processor, in
// another thread: with one processor, or in virtual time, TCG leaves the guest's memory barriers
// out, a queue's doorbell in memory (NVMe's Doorbell Buffer Config) is missed, and what is in that
// queue waits for the time-out.
void use_host_time(GuestSpec& spec);

// Boots, runs the script and waits for the end. A script that fails is a result, not an Error.
// Under a base::InterruptGuard an interrupt stops the script: kInterrupted, with what the script
// has left in /out in `out_dir` (on_interrupt says whether all of it); one more, and that is given
// up. Errors: kUnavailable when QEMU, busybox or cpio is missing; kInput for a file that cannot be
// read; kShort, with the last console lines, when the kernel does not reach the script, dies or the
// time is over.
base::Result<GuestResult> boot_guest(const GuestSpec& spec);

// Whether that is the error of a guest that was stopped before its script had begun: the kernel
// hung, or the host is too slow.
bool boot_timed_out(const base::Error& error);

// For GuestSpec::qemu_root: a QEMU whose NVMe drives have flexible data placement. Empty when the
// installed one is such; else that of Debian's backports, fetched into the cache the first time.
// Errors: kUnavailable, with the reason, when there is none.
base::Result<std::filesystem::path> qemu_with_placement();

}  // namespace kairo::kernel
