// SPDX-License-Identifier: GPL-2.0-only
#include "abi.h"

#include <fmt/format.h>

#include <string_view>

namespace kairo::engine {
namespace {

struct Field {
  const char* option;
  std::size_t offset;
};

// Spread over the structure, up to its last members: a field added or removed anywhere shows.
const Field kFields[] = {
    {"description", offsetof(thread_options, description)},
    {"iodepth", offsetof(thread_options, iodepth)},
    {"iodepth_batch", offsetof(thread_options, iodepth_batch)},
    {"size", offsetof(thread_options, size)},
    {"bs", offsetof(thread_options, bs[DDIR_READ])},
    {"direct", offsetof(thread_options, odirect)},
    {"norandommap", offsetof(thread_options, norandommap)},
    {"runtime", offsetof(thread_options, timeout)},
    {"time_based", offsetof(thread_options, time_based)},
    {"thread", offsetof(thread_options, use_thread)},
    {"rate_iops", offsetof(thread_options, rate_iops[DDIR_READ])},
    {"verify_interval", offsetof(thread_options, verify_interval)},
    {"thinktime", offsetof(thread_options, thinktime)},
    {"write_hint", offsetof(thread_options, write_hint)},
    {"read_iolog", offsetof(thread_options, read_iolog_file)},
    {"log_max_value", offsetof(thread_options, log_max)},  // 3.41: an alias
    {"log_prio", offsetof(thread_options, log_prio)},
};

const fio_option* find(const fio_option* options, std::size_t count, std::string_view name) {
  for (std::size_t i = 0; i < count && options[i].name; ++i) {
    const fio_option& option = options[i];
    if (name == option.name || (option.alias && name == option.alias)) return &option;
  }
  return nullptr;
}

constexpr const char* kRemedy =
    "rebuild it on this machine: cmake --build takes the headers of the installed fio";

}  // namespace

std::string abi_mismatch(const char* built_for, const char* running, const fio_option* options,
                         std::size_t count) {
  if (std::string_view(built_for) != running)
    return fmt::format("this engine was built for {}, and this is {} ({})", built_for, running,
                       kRemedy);
  for (const Field& field : kFields) {
    const fio_option* option = find(options, count, field.option);
    if (!option)
      return fmt::format(
          "this {} has no option '{}', so it is not the one the engine was built "
          "for ({})",
          running, field.option, kRemedy);
    if (option->off1 != field.offset)
      return fmt::format("this {} keeps '{}' at offset {}, the engine expects {} ({})", running,
                         field.option, option->off1, field.offset, kRemedy);
  }
  return "";
}

std::string abi_mismatch(const thread_data* td, const ioengine_ops* ops) {
  // The table ends with an entry without a name; FIO_MAX_OPTS is its size in every release.
  std::string wrong =
      abi_mismatch(KAIRO_ABI_VERSION, fio_version_string, fio_options, FIO_MAX_OPTS);
  if (wrong.empty() && td->io_ops != ops)
    wrong = fmt::format(
        "this {} has another thread_data than the one the engine was built for "
        "({})",
        fio_version_string, kRemedy);
  return wrong;
}

bool io_u_plausible(const thread_data* td, const io_u* io) {
  const fio_file* file = io->file;
  if (!file || file->fileno < 0 || static_cast<unsigned>(file->fileno) >= td->files_index)
    return false;
  if (td->files[file->fileno] != file || io->xfer_buf != io->buf) return false;
  if (io->ddir != DDIR_READ && io->ddir != DDIR_WRITE && io->ddir != DDIR_TRIM) return true;
  return io->xfer_buflen == io->buflen && io->xfer_buflen > 0 &&
         io->xfer_buflen <= td->o.max_bs[io->ddir];
}

}  // namespace kairo::engine
