// SPDX-License-Identifier: GPL-2.0-only
#include "probe_guest.h"

#include <stdexcept>

namespace kairo::testing {

kernel::GuestSpec probe_guest(const std::string& config) {
  kernel::GuestSpec spec = lab_guest(config);
  add_built(spec, KAIRO_METADATA_PROBE);
  spec.script += R"sh(
[ -e /proc/sys/user/max_kairo_contexts ] || fail 'no CONFIG_IO_URING_KV'
[ -e /proc/sys/user/max_kairo_regions ] || fail 'no CONFIG_IO_URING_KV_REGIONS'
probe() { /kairo/metadata_probe "$@" || fail "probe $*"; }
events=/sys/kernel/tracing/events/kairo
region_counters=/sys/kernel/debug/io_uring_kv/regions
regions() { awk -v name=$1 '$1 == name { print $2 }' $region_counters; }
all_ended() {
  for try in $(seq 50); do
    [ $(regions registered) = $(regions ended) ] && return
    sleep 0.1
  done
  fail "regions are left: $(cat $region_counters)"
}
)sh";
  return spec;
}

void add_in_flight(kernel::GuestSpec& spec, const std::string& scenario) {
  spec.script += R"sh(
kairo_device size_gib=1 program_us=1000000
echo 70000 > /proc/sys/user/max_kairo_contexts || fail sysctl
)sh";
  spec.script += "probe " + scenario + " /dev/kssd0\n";
}

void add_file_system(kernel::GuestSpec& spec) {
  spec.programs.emplace_back("/usr/sbin/mkfs.ext4");
  spec.script += R"sh(
make_file_system() {
  mkfs.ext4 -q -F /dev/kssd0 $1 > /dev/null || fail mkfs
  mkdir /tmp/m && mount /dev/kssd0 /tmp/m || fail mount
}
)sh";
}

void add_nobody(kernel::GuestSpec& spec) {
  const auto setpriv = base::find_program("setpriv");  // busybox's cannot change the user
  if (setpriv.empty()) throw std::runtime_error("no setpriv (apt-get install util-linux)");
  spec.programs.push_back(setpriv);
  spec.script +=
      fmt::format("as_nobody() {{ {} --reuid=65534 --regid=65534 --clear-groups \"$@\"; }}\n",
                  setpriv.string());
}

}  // namespace kairo::testing
