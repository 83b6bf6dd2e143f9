// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/kernel/guest.h"

#include <algorithm>
#include <fstream>

#include "boot_shortcut.h"
#include "guest_init.h"
#include "kairo/base/files.h"
#include "kairo/base/interrupt.h"
#include "kairo/base/process.h"
#include "kairo/base/short_names.h"
#include "kairo/base/units.h"
#include "kairo/kernel/console_log.h"
#include "kairo/kernel/initramfs.h"
#include "kairo/kernel/stock.h"
#include "qemu.h"
#include "stop_line.h"

namespace kairo::kernel {

using Clock = std::chrono::steady_clock;

namespace {

// Host time from power-on to the script. A lab kernel needs 1 to 4 s, one with KASAN and lockdep
// half a minute; a kernel that hangs should not cost the whole time-out.
constexpr std::chrono::seconds kBootLimit{240};
// With hardware it is about a second; a nested /dev/kvm may accept a machine and never run it.
constexpr std::chrono::seconds kKvmBootLimit{20};
// Host time for a guest to hand over what there is when it is stopped.
constexpr std::chrono::seconds kHandOverLimit{60};
constexpr unsigned kMaxProcessors = 8;
constexpr unsigned kMinMemoryMib = 64;
constexpr std::uint64_t kMib = 1ULL << 20;
std::chrono::seconds boot_limit(Accel accel) {
  return accel == Accel::kKvm ? kKvmBootLimit : kBootLimit;
}

constexpr std::size_t kConsoleTail = 25;
constexpr std::string_view kNotWithin = "the kernel did not boot within";

// Follows a file that QEMU appends to.
class Tail {
 public:
  explicit Tail(fs::path path) : path_(std::move(path)) {}

  // Everything added since the last call.
  std::string read_new() {
    std::ifstream in(path_, std::ios::binary);
    in.seekg(offset_);
    std::string added(std::istreambuf_iterator<char>(in), {});
    offset_ += static_cast<std::streamoff>(added.size());
    return added;
  }

 private:
  fs::path path_;
  std::streamoff offset_ = 0;
};

// A bzImage has the boot signature and the magic number of the setup header. Anything else would
// leave QEMU running garbage until the time is over.
Status require_kernel_image(const fs::path& image) {
  std::ifstream in(image, std::ios::binary);
  if (!in)
    return bad_input("{}: no such kernel image (build one with `kairo kernel build`)",
                     image.string());
  std::string head(0x210, '\0');
  in.read(head.data(), static_cast<std::streamsize>(head.size()));
  if (!in || head.compare(0x1fe, 2, "\x55\xaa") != 0 || head.compare(0x202, 4, "HdrS") != 0)
    return bad_input("{}: not a bzImage: the boot header is missing (pass .../boot/bzImage)",
                     image.string());
  return {};
}

Status check_spec(const GuestSpec& spec) {
  if (spec.smp < 1 || spec.smp > kMaxProcessors)
    return fail(ErrorCode::kUsage, "smp={}: the guest has 1 to {} processors", spec.smp,
                kMaxProcessors);
  if (spec.mem_mib < kMinMemoryMib)
    return fail(ErrorCode::kUsage, "mem={}: the guest needs at least {} MiB", spec.mem_mib,
                kMinMemoryMib);
  if (spec.timeout.count() <= 0) return fail(ErrorCode::kUsage, "timeout: must be above 0 s");
  const std::string qemu = qemu_program(spec);
  for (const auto& [program, package] :
       {std::pair{qemu.c_str(), "qemu-system-x86"}, std::pair{"busybox", "busybox-static"},
        std::pair{"cpio", "cpio"}}) {
    KAIRO_CHECK(base::require_program(program, package));
  }
  return require_kernel_image(spec.kernel_image);
}

Status add_modules(const std::vector<KernelModule>& modules, InitramfsTree& tree) {
  std::string order;
  for (const KernelModule& module : modules) {
    const std::string name = module.file.filename();
    KAIRO_CHECK(tree.add_file(module.file, fmt::format("{}/{}", kGuestModules, name)));
    order += name + module.parameters + '\n';
  }
  if (order.empty()) return {};
  return tree.add_text(fmt::format("{}/order", kGuestModules), order, false);
}

Status fill_initramfs(const GuestSpec& spec, InitramfsTree& tree) {
  const fs::path busybox = base::find_program("busybox");
  KAIRO_TRY(const auto libraries, shared_libraries(busybox));
  if (!libraries.empty())
    return fail(ErrorCode::kUnavailable,
                "{}: is linked dynamically (apt-get install busybox-static)", busybox.string());
  KAIRO_CHECK(tree.add_file(busybox, kGuestBusybox));
  KAIRO_TRY(const auto modules, image_modules(spec.kernel_image));
  KAIRO_CHECK(tree.add_text("/init", init_script(spec, !modules.empty()), true));
  KAIRO_CHECK(add_modules(modules, tree));
  KAIRO_CHECK(tree.add_text(kGuestScript, spec.script + "\n", true));
  // The kernel opens /dev/console before init runs and warns when it is missing.
  KAIRO_CHECK(tree.add_directory("/dev"));
  for (const GuestFile& file : spec.files) {
    if (!fs::path(file.guest).is_absolute())
      return bad_input("guest path '{}': must be absolute", file.guest);
    const std::string place = spec.share_root ? std::string(kGuestExtra) + file.guest : file.guest;
    KAIRO_CHECK(tree.add_file(file.host, place));
  }
  if (spec.share_root) return {};  // the host's own programs are there
  for (const fs::path& program : spec.programs) KAIRO_CHECK(tree.add_program(program));
  return {};
}

Status require_memory(const GuestSpec& spec, const fs::path& initramfs) {
  std::error_code status;
  const std::uint64_t archive = fs::file_size(initramfs, status);
  // The archive and its unpacked copy exist side by side for a moment.
  const std::uint64_t needed = 2 * archive / kMib + kMinMemoryMib;
  if (spec.mem_mib < needed)
    return fail(ErrorCode::kUsage,
                "mem={}: the files for the guest are {} and need {} MiB (raise the memory)",
                spec.mem_mib, base::format_bytes(archive), needed);
  return {};
}

// What the two serial ports said.
struct Transcript {
  std::string console;
  std::string output;
  std::string qemu_errors;
  bool interrupted = false;
};

std::string with_console(std::string text, const Transcript& transcript) {
  if (!transcript.qemu_errors.empty()) text += "\nQEMU: " + last_lines(transcript.qemu_errors, 3);
  const std::string tail = last_lines(transcript.console, kConsoleTail);
  text += tail.empty() ? "\nThe console is empty." : "\nThe last console lines:\n" + tail;
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

// An interrupt while QEMU runs: a guest that has begun its script is asked once to stop and hand
// over, any other is killed. False: kill it.
class Interruption {
 public:
  Interruption(const GuestSpec& spec, const QemuFiles& files) : spec_(spec), files_(files) {}
  bool keep_going(Transcript& transcript) {
    if (!base::InterruptGuard::interrupted()) return true;
    transcript.interrupted = true;
    if (base::InterruptGuard::insisted()) return false;
    if (asked_) return Clock::now() - *asked_ < kHandOverLimit;
    if (files_.control.empty() || !guest_is_ready(transcript.console)) return false;
    asked_ = Clock::now();
    if (!line_.send(files_.control)) return false;
    if (spec_.on_interrupt) spec_.on_interrupt(false);
    return !base::InterruptGuard::insisted();
  }

 private:
  const GuestSpec& spec_;
  const QemuFiles& files_;
  StopLine line_;
  std::optional<Clock::time_point> asked_ = {};
};

// Runs QEMU and follows both ports; the lines of the script go to the caller as they come.
Result<base::ProcessResult> run_qemu(const GuestSpec& spec, const QemuFiles& files,
                                     const std::optional<BootShortcut>& shortcut,
                                     Transcript& transcript) {
  bool shortcut_due = shortcut.has_value();
  Tail console(files.console);
  Tail output(files.output);
  std::size_t reported = 0;
  Interruption interruption(spec, files);
  const auto started = Clock::now();
  const auto read_ports = [&] {
    transcript.console += console.read_new();
    transcript.output += output.read_new();
    for (auto end = transcript.output.find('\n', reported);
         spec.on_line && end != std::string::npos; end = transcript.output.find('\n', reported)) {
      spec.on_line(std::string_view(transcript.output).substr(reported, end - reported));
      reported = end + 1;
    }
  };
  const auto keep_going = [&] {
    if (shortcut_due) {
      shortcut_due = false;
      if (!take_boot_shortcut(*shortcut, files.gdb, spec.timeout)) {
        transcript.interrupted = base::InterruptGuard::interrupted();
        return false;
      }
    }
    read_ports();
    if (!interruption.keep_going(transcript)) return false;
    return Clock::now() - started < boot_limit(spec.accel) || guest_is_ready(transcript.console);
  };
  auto result = base::run({.argv = qemu_argv(spec, files),
                           .timeout = spec.timeout,
                           .merge_stderr = true,
                           .keep_going = keep_going});
  read_ports();
  if (spec.on_line && reported < transcript.output.size())
    spec.on_line(std::string_view(transcript.output).substr(reported));
  return result;
}

// The text of the failure when the guest did not come to its end.
std::string describe_failure(const GuestSpec& spec, const Transcript& transcript,
                             const base::ProcessResult& process) {
  const std::string image = spec.kernel_image.string();
  const bool ready = guest_is_ready(transcript.console);
  if (process.timed_out && ready)
    return fmt::format("the command in the guest ran longer than {} s and was stopped",
                       spec.timeout.count());
  if (process.timed_out || process.stopped)
    return fmt::format("{}: {} {} s", image, kNotWithin,
                       std::min(spec.timeout, boot_limit(spec.accel)).count());
  if (!ready) return fmt::format("{}: the kernel does not boot", image);
  return "the guest died before its command ended";
}

// What a finished guest left behind.
Result<GuestResult> conclude(const GuestSpec& spec, const base::ProcessResult& process,
                             Transcript transcript) {
  transcript.qemu_errors = process.out;
  if (transcript.interrupted) {
    // What such a kernel hands over is worth nothing.
    const auto complaints = find_kernel_complaints(transcript.console);
    if (!complaints.empty())
      return fail(ErrorCode::kShort, "interrupted, and the guest's kernel complains:\n{}",
                  complaints.front());
    // The guest says it last of all.
    const bool fetched =
        guest_exit_code(transcript.console) && !guest_out_failed(transcript.console);
    if (fetched && spec.on_interrupt) spec.on_interrupt(true);
    return fail(base::kInterrupted, "interrupted");
  }
  const auto exit_code = guest_exit_code(transcript.console);
  if (!exit_code)
    return fail(ErrorCode::kShort, "{}",
                with_console(describe_failure(spec, transcript, process), transcript));
  if (guest_out_failed(transcript.console))
    return fail(ErrorCode::kShort, "{}",
                with_console("the guest could not hand over /out", transcript));
  GuestResult result;
  result.exit_code = *exit_code;
  result.kernel_complaints = find_kernel_complaints(transcript.console);
  result.output = std::move(transcript.output);
  result.console = std::move(transcript.console);
  return result;
}

// Packs what the run needs; the staging folder is gone afterwards.
Status make_initramfs(const GuestSpec& spec, const fs::path& staging, const fs::path& archive) {
  KAIRO_CHECK(base::make_directory(staging));
  InitramfsTree tree(staging);
  KAIRO_CHECK(fill_initramfs(spec, tree));
  KAIRO_CHECK(tree.write(archive));
  std::error_code ignored;
  fs::remove_all(staging, ignored);
  return require_memory(spec, archive);
}

}  // namespace

bool boot_timed_out(const base::Error& error) {
  return error.code == ErrorCode::kShort && error.message.find(kNotWithin) != std::string::npos;
}

Result<Accel> parse_accel(std::string_view text) {
  for (const Accel accel : {Accel::kVirtual, Accel::kTcg, Accel::kKvm}) {
    if (text == accel_name(accel)) return accel;
  }
  return fail(ErrorCode::kUsage, "accel '{}': unknown (icount, tcg or kvm)", text);
}

void use_host_time(GuestSpec& spec) {
  spec.accel = Accel::kTcg;
  spec.smp = std::max(spec.smp, 2U);
}

std::string_view accel_name(Accel accel) {
  switch (accel) {
    case Accel::kVirtual:
      return "icount";
    case Accel::kTcg:
      return "tcg";
    case Accel::kKvm:
      return "kvm";
  }
  return "";
}

Result<GuestResult> boot_guest(const GuestSpec& asked) {
  GuestSpec spec = asked;
  KAIRO_CHECK(check_spec(spec));
  if (!spec.out_dir.empty()) {
    KAIRO_CHECK(base::make_directory(spec.out_dir));
    spec.out_dir = fs::absolute(spec.out_dir);
  }
  KAIRO_TRY(const auto temporary, base::TempDir::create("kairo-guest-"));
  QemuFiles files = {.initramfs = temporary.path() / "initramfs.cpio",
                     .console = temporary.path() / "console",
                     .output = temporary.path() / "output"};
  if (const fs::path control = temporary.path() / "control";
      !spec.out_dir.empty() && StopLine::fits(control))
    files.control = control;
  KAIRO_CHECK(make_initramfs(spec, temporary.path() / "root", files.initramfs));
  Transcript transcript;
  std::string note;
  const auto attempt = [&](const QemuFiles& with, const std::optional<BootShortcut>& shortcut) {
    transcript = {};
    return run_qemu(spec, with, shortcut, transcript);
  };
  if (spec.accel == Accel::kKvm) {
    note = kvm_obstacle();
    if (note.empty()) {
      KAIRO_TRY(const auto process, attempt(files, std::nullopt));
      if (transcript.interrupted || guest_is_ready(transcript.console))
        return conclude(spec, process, std::move(transcript));
      note = "the kernel does not come up under /dev/kvm";
    }
    note += "; the guest runs under TCG";
    spec.accel = Accel::kTcg;
  }
  const auto shortcut = spec.accel == Accel::kVirtual ? find_boot_shortcut(spec.kernel_image)
                                                      : std::optional<BootShortcut>{};
  if (shortcut) {
    QemuFiles waiting = files;
    waiting.gdb = temporary.path() / "gdb";
    KAIRO_TRY(const auto process, attempt(waiting, shortcut));
    // Stopped before the kernel said anything: not the kernel we took it for. The long way, then.
    if (!process.stopped || transcript.interrupted || guest_is_ready(transcript.console))
      return conclude(spec, process, std::move(transcript));
  }
  KAIRO_TRY(const auto process, attempt(files, std::nullopt));
  auto result = conclude(spec, process, std::move(transcript));
  if (result) result->note = note;
  return result;
}

}  // namespace kairo::kernel
