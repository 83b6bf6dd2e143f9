# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC2154,SC2086
# What a guest does for a run of an experiment. guest_script.cc puts in front of it what it needs (dev, profile,
# fio, sampler, ...) and behind it a call of run_one for each run. The guest's shell is busybox'.
queue=/sys/block/$dev/queue
debug=/sys/kernel/debug/block/$dev

die() { echo "kairo: $*"; exit 1; }

# A device made anew holds nothing of the run before.
make_device() {
  mkdir /sys/kernel/config/kairo_ssd/$dev || die "the kernel has no kairo_ssd"
  for pair in $profile; do
    echo ${pair#*=} > /sys/kernel/config/kairo_ssd/$dev/${pair%%=*} ||
      die "kairo_ssd refuses $pair"
  done
  echo 1 > /sys/kernel/config/kairo_ssd/$dev/power || die "kairo_ssd does not start"
}

remove_device() {
  echo 0 > /sys/kernel/config/kairo_ssd/$dev/power
  rmdir /sys/kernel/config/kairo_ssd/$dev
}

set_scheduler() {
  echo $1 > $queue/scheduler || die "scheduler $1 is refused"
  grep -qF "[$1]" $queue/scheduler || die "scheduler $1 is not active: $(cat $queue/scheduler)"
}

# A name with a slash is below the block device, any other below queue/iosched.
set_tunable() {
  case $1 in
  */*) file=/sys/block/$dev/$1 ;;
  *) file=$queue/iosched/$1 ;;
  esac
  [ -e $file ] || die "no tunable $1 ($file)"
  echo "$2" > $file || die "tunable $1 refuses the value $2"
}

# The file's first line behind its name, further ones indented (docs/report-format.md).
save_tunable() { # name file
  echo "$1 $(cat $2)" | sed '2,$s/^/  /'
}

# A file of the io controller in the group of a job, or the root's; every group is made for a run.
groups='' group_files=''
set_group() { # job file value
  cgroup=/sys/fs/cgroup
  [ -e $cgroup/cgroup.controllers ] || mount -t cgroup2 cgroup2 $cgroup || die "no control groups"
  echo +io > $cgroup/cgroup.subtree_control || die "the kernel has no io controller"
  [ -z "$1" ] || mkdir -p $cgroup/$1
  echo "$(cat /sys/block/$dev/dev) $3" > $cgroup/$1/$2 || die "$2 of group '$1' refuses $3"
  case " $groups " in *" $1 "*) ;; *) groups="$groups $1" ;; esac
  group_files="$group_files $1/$2"
}

# Each did I/O, or the job was not in it.
remove_groups() {
  for group in $groups; do
    grep -q "^$(cat /sys/block/$dev/dev) .*ios=[1-9]" /sys/fs/cgroup/$group/io.stat ||
      die "no I/O in control group $group: $(cat /sys/fs/cgroup/$group/io.stat)"
    rmdir /sys/fs/cgroup/$group || die "a process is left in control group $group"
  done
  groups='' group_files=''
}

save_tunables() {
  for file in scheduler nr_requests max_sectors_kb nomerges rq_affinity; do
    save_tunable $file $queue/$file
  done
  for file in "$queue"/iosched/*; do
    [ -f $file ] && save_tunable iosched/${file##*/} $file
  done
  for file in $group_files; do
    save_tunable control_group/$file /sys/fs/cgroup/$file
  done
}

save_counters() {
  [ ! -e $debug/sched/counters ] || cat $debug/sched/counters > $1
}

# Clock and idle time, summed over the processors; idle with I/O outstanding is counted apart.
# busybox awk cuts %d at 31 bits.
cat > /tmp/sample << 'SAMPLE'
awk '/^now at/ && !now { now = $3 }
     /(idle|iowait)_sleeptime/ { idle += $(NF - 1) }
     END { printf "%s %.0f\n", now, idle }' /proc/timer_list
SAMPLE
# fio calls this before its first job: its own start-up is not a part of the run.
cat > /tmp/begin << END
echo 0 > /sys/kernel/debug/kairo_ssd/$dev/stats
sh /tmp/sample > /tmp/begun
END

# EVERY_MS FILE: the files are below $debug.
start_sampler() {
  [ -e $debug/$2 ] || return 0
  mkdir -p "$out/samples/$(dirname $2)"
  $sampler $1 $debug/$2 $out/samples/$2 &
  samplers="$samplers $!"
}

stop_samplers() {
  [ -z "$samplers" ] || kill $samplers
  for pid in $samplers; do wait $pid || echo "kairo-sampler failed"; done
}

# Attached before the load begins. The first line comes before the last probe is attached, so wait.
start_tracer() {
  $bpftrace -B line $tracing/$1 > $out/bpftrace.txt 2> $out/bpftrace.log &
  tracer=$!
  until grep -qs Ctrl-C $out/bpftrace.txt; do
    kill -0 $tracer || { cat $out/bpftrace.log; die "bpftrace $1 ends"; }
    sleep 0.1
  done
  sleep 1
}

collect_files() {
  for file in "$@"; do
    [ -e $debug/$file ] || continue
    mkdir -p "$out/collected/$(dirname $file)"
    cat $debug/$file > $out/collected/$file
  done
}

# Sampling: samples="EVERY_MS FILE ...", and collected files: collect="FILE ..."
run_one() { # load arm job
  out=/out/$1/$2
  mkdir -p $out
  echo "kairo-run $1 $2"
  save_tunables > $out/tunables.txt
  save_counters $out/counters-before.txt
  rm -f /tmp/begun
  samplers=
  set_load=$1 set_arm=$2 set_job=$3
  set -- $samples
  while [ $# -ge 2 ]; do
    start_sampler $1 $2
    shift 2
  done
  set -- $set_load $set_arm $set_job
  [ -z "$script" ] || start_tracer $script
  KAIRO_OUT=$out $probe $fio --output-format=json+ --output=$out/fio.json $3 > $out/fio.log 2>&1
  status=$?
  ended=$(sh /tmp/sample)
  stop_samplers
  [ ! -e $out/perf.data ] || $script_stacks -i $out/perf.data > $out/stacks.txt
  rm -f $out/perf.data
  [ -z "$script" ] || { kill -INT $tracer; wait $tracer || die "bpftrace $script failed"; }
  cat /sys/kernel/debug/kairo_ssd/$dev/stats > $out/device.txt
  save_counters $out/counters-after.txt
  collect_files $collect
  {
    echo "fio_exit $status"
    if [ -e /tmp/begun ]; then
      read -r now_before idle_before < /tmp/begun
      echo "begin_ns $now_before"
      echo "elapsed_ns $((${ended% *} - now_before))"
      echo "idle_ns $((${ended#* } - idle_before))"
    fi
  } > $out/guest.txt
  if [ $status != 0 ]; then
    cat $out/fio.log
    head -c 2000 $out/fio.json
  fi
}
