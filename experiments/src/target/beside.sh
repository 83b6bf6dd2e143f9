# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC2154,SC2086,SC2317
# A run on a host: samplers beside fio ("$@"). host_runner.cc sets sampler, and samples: calls of start.
pids=
start() { [ ! -e "$2" ] || { "$sampler" "$1" "$2" "$3" & pids="$pids $!"; }; }
eval "$samples"
"$@"
status=$?
[ -z "$pids" ] || kill $pids
wait
exit $status
