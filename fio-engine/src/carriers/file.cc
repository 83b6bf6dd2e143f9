// SPDX-License-Identifier: GPL-2.0-only
// Nothing in the I/O: the open file has a class for its reads and one for its writes.
#include "ask_files.h"

namespace kairo::engine {
namespace {

using hint::Class;

// The class goes with the descriptor that is probed.
base::Status probe(const Asking& asking, Answer& answer) {
  return ask_files(kFileCarrier, "F_SET_KV_CLASS", asking, answer, [](int fd) {
    return answer_to(hint::set_file_class(fd, Class::kDecode, Class::kPrefill));
  });
}

base::Status check(const JobShape& job) {
  return check_one_class(kFileCarrier, "an open file", job);
}

int open(const OpenedFile& file) {
  return hint::set_file_class(file.fd, file.reads, file.writes);
}

}  // namespace

const CarrierInfo kFileCarrier = {.path = Path::kFile,
                                  .name = "file",
                                  .help = "Class of the open file, needs a kernel with Kairo",
                                  .system_call = "F_SET_KV_CLASS",
                                  .probe = probe,
                                  .check = check,
                                  .open = open};

}  // namespace kairo::engine
