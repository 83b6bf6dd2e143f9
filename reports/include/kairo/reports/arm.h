// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <map>
#include <string>

namespace kairo::reports {

// Text settings, sorted by key: tunables, environment, device parameters.
using TextMap = std::map<std::string, std::string>;

// One way to configure the system under test: what was asked for. What the kernel then reported is
// in each run's tunables.txt.
struct Arm {
  std::string name;
  std::string scheduler;
  TextMap tunables = {};      // files of queue/iosched, by name
  std::string kernel = {};    // which one it was to run on: empty is the patched one, or `base`
  TextMap device_files = {};  // files below /sys/block/DEV, by path: "queue/nr_requests"
  TextMap job_options = {};   // changes to the job files, by option or JOB.OPTION
  // Files of the io controller in the control group that the processes of JOB run in, by
  // "JOB/io.FILE"; "/io.FILE" is the root group's.
  TextMap group_files = {};
  std::string script = {};  // the bpftrace script that is attached, a path below tracing/
};

// All settings of an arm in one map, as reports show them and result folders keep them: job options
// are `job OPTION`, files of control groups `cgroup JOB/io.FILE`, the script is `bpftrace`.
TextMap settings_of(const Arm& arm);

// A file of queue/iosched or, with a slash in its name, one below /sys/block/DEV.
void add_queue_file(Arm& arm, const std::string& name, const std::string& value);

// The inverse of settings_of(), for one of them.
void add_setting(Arm& arm, const std::string& name, const std::string& value);

}  // namespace kairo::reports
