// SPDX-License-Identifier: GPL-2.0-only
#include "guest_init.h"

#include <fmt/format.h>

#include "kairo/base/units.h"

namespace kairo::kernel {
namespace {

constexpr std::string_view kReady = "kairo-guest: ready";
constexpr std::string_view kOutFailed = "kairo-guest: out failed";
constexpr std::string_view kExit = "kairo-guest: exit ";

constexpr std::string_view kMounts = R"(#!/bin/busybox sh
# Written by kairo for one boot.
/bin/busybox --install -s /bin 2>/dev/null
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export HOME=/root TERM=dumb LC_ALL=C
mkdir -p /proc /sys /dev /tmp /run /out /root /mnt
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev 2>/dev/null
mkdir -p /dev/shm /dev/pts
mount -t tmpfs shm /dev/shm
@MODULES@
mount -t debugfs debug /sys/kernel/debug
mount -t configfs config /sys/kernel/config
mount -t tracefs tracing /sys/kernel/tracing
mount -t tmpfs tmp /tmp
mount -t tmpfs run /run
[ -e /dev/fd ] || ln -s /proc/self/fd /dev/fd
root=
)";

// What the file systems below, or the script's drive, need of a kernel that has it as modules.
constexpr std::string_view kLoadModules = R"(
while read -r module; do
  insmod /kairo/modules/$module && continue
  echo "<1>kairo-guest: $module does not load" >/dev/kmsg
  reboot -f
done </kairo/modules/order
)";

// An overlay, because the script may write anywhere while the host's files must stay as they are.
constexpr std::string_view kSharedRoot = R"(
root=/kairo/root
mkdir -p /kairo/lower /kairo/upper $root
mount -t 9p -o ro,trans=virtio,version=9p2000.L,cache=loose,msize=262144 @ROOT@ /kairo/lower
mount -t tmpfs upper /kairo/upper
mkdir /kairo/upper/data /kairo/upper/work
mount -t overlay -o lowerdir=/kairo/lower,upperdir=/kairo/upper/data,workdir=/kairo/upper/work \
  overlay $root
for name in proc sys dev; do mount -o rbind /$name $root/$name; done
mount -t tmpfs tmp $root/tmp
mount -t tmpfs run $root/run
mkdir -p $root/out $root/kairo
[ ! -d /kairo/extra ] || cp -a /kairo/extra/. $root/
cp /bin/busybox /kairo/script $root/kairo/
)";

// fio and others draw progress on a terminal, so the script gets a pipe; `cat` must not wait for a
// background process that still holds it.
constexpr std::string_view kRun = R"(
stty -F /dev/ttyS1 raw -echo
mkfifo /kairo/output
cat /kairo/output >/dev/ttyS1 &
reader=$!
@STOP@
echo '<1>kairo-guest: ready' >/dev/kmsg
@SETTLE@
@COMMAND@ </dev/null >/kairo/output 2>&1
status=$?
for i in 0 1 2 3 4 5 6 7 8 9; do
  kill -0 $reader 2>/dev/null || break
  sleep 0.2
done
kill $reader 2>/dev/null
wait $reader 2>/dev/null
)";

// A line from the host ends the script and all that it began; what is in /out is handed over then.
constexpr std::string_view kStop = R"({
  read -r line </dev/ttyS1
  until [ -s /kairo/group ]; do sleep 0.1; done
  kill -KILL -$(cat /kairo/group)
} &)";

// 9p is touched only here: until now nothing waited for the host.
constexpr std::string_view kHandOver = R"(
if ! mount -t 9p -o trans=virtio,version=9p2000.L,msize=262144 @OUT@ /mnt ||
   ! cp -r $root/out/. /mnt/ || ! umount /mnt; then
  echo '<1>kairo-guest: out failed' >/dev/kmsg
fi
)";

constexpr std::string_view kEnd = R"(
echo "<1>kairo-guest: exit $status" >/dev/kmsg
sync
reboot -f
)";

std::string replaced(std::string_view text, std::string_view from, std::string_view to) {
  std::string out(text);
  const auto at = out.find(from);
  if (at != std::string::npos) out.replace(at, from.size(), to);
  return out;
}

}  // namespace

std::string init_script(const GuestSpec& spec, bool has_modules) {
  std::string out = replaced(kMounts, "@MODULES@", has_modules ? kLoadModules : ":");
  if (spec.share_root) out += replaced(kSharedRoot, "@ROOT@", kRootTag);
  const bool hands_over = !spec.out_dir.empty();
  std::string run = replaced(kRun, "@SETTLE@", spec.accel == Accel::kVirtual ? "sleep 3" : ":");
  run = replaced(run, "@STOP@", hands_over ? kStop : ":");
  const std::string command =
      spec.share_root ? "chroot $root /kairo/busybox sh /kairo/script" : "sh /kairo/script";
  out += replaced(
      run, "@COMMAND@",
      hands_over ? fmt::format("setsid sh -c 'echo $$ >/kairo/group; exec \"$@\"' sh {}", command)
                 : command);
  if (!spec.out_dir.empty()) out += replaced(kHandOver, "@OUT@", kOutTag);
  out += kEnd;
  return out;
}

bool guest_is_ready(std::string_view console) {
  return console.find(kReady) != std::string_view::npos;
}

bool guest_out_failed(std::string_view console) {
  return console.find(kOutFailed) != std::string_view::npos;
}

std::optional<int> guest_exit_code(std::string_view console) {
  const auto at = console.rfind(kExit);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view text = console.substr(at + kExit.size());
  const auto code = base::parse_u64(text.substr(0, text.find_first_not_of("0123456789")));
  if (!code || *code > 255) return std::nullopt;
  return static_cast<int>(*code);
}

}  // namespace kairo::kernel
