// SPDX-License-Identifier: GPL-2.0-only
// What fio loads: one exported function that hands out the table of hooks.
#include "abi.h"
#include "device_guard.h"
#include "engine.h"
#include "notice.h"

namespace kairo::engine {
namespace {

ioengine_ops ops;

Engine* engine_of(thread_data* td) {
  return static_cast<Engine*>(td->io_ops_data);
}

int refuse(thread_data* td, int error, const std::string& message) {
  notice(message);
  set_error(td, error, "kairo");
  return error;
}

int on_init(thread_data* td) {
  // First of all: nothing else of td may be believed before.
  const std::string mismatch = abi_mismatch(td, &ops);
  if (!mismatch.empty()) {
    notice(mismatch);
    return EPROTO;
  }
  auto engine = Engine::create(td);
  if (!engine) return refuse(td, EINVAL, engine.error().message);
  td->io_ops_data = engine->release();
  return 0;
}

int on_post_init(thread_data* td) {
  const auto ok = engine_of(td)->post_init();
  if (ok) return 0;
  const bool unavailable = ok.error().code == base::ErrorCode::kUnavailable;
  return refuse(td, unavailable ? EOPNOTSUPP : EINVAL, ok.error().message);
}

void on_cleanup(thread_data* td) {
  Engine* engine = engine_of(td);
  if (!engine) return;
  engine->finish((td->flags & TD_F_CHILD) != 0);
  td->io_ops_data = nullptr;
  delete engine;
}

int on_io_u_init(thread_data* td, io_u* io) {
  engine_of(td)->io_u_init(io);
  return 0;
}

// What fio asks first about a file, before it lays one out that is not there.
int on_get_file_size(thread_data* td, fio_file* file) {
  if (auto ok = refuse_file_among_devices(file->file_name); !ok)
    return refuse(td, ENODEV, ok.error().message);
  return generic_get_file_size(td, file);
}

// fio also opens files in the parent, before any job has its engine, to lay them out.
int on_open_file(thread_data* td, fio_file* file) {
  return engine_of(td) ? engine_of(td)->open_file(file) : generic_open_file(td, file);
}

int on_close_file(thread_data* td, fio_file* file) {
  return engine_of(td) ? engine_of(td)->close_file(file) : generic_close_file(td, file);
}

int on_prep(thread_data* td, io_u* io) {
  return engine_of(td)->prep(io);
}

}  // namespace
}  // namespace kairo::engine

extern "C" __attribute__((visibility("default"))) void get_ioengine(ioengine_ops** out) {
  namespace engine = kairo::engine;
  ioengine_ops& ops = engine::ops;
  // fio asks once per job; the table it already has stays as it is, list node included.
  if (!ops.name) {
    ops.name = "kairo";
    ops.version = FIO_IOOPS_VERSION;
    ops.flags = FIO_NO_OFFLOAD | FIO_ASYNCIO_SETS_ISSUE_TIME;
    ops.init = engine::on_init;
    ops.post_init = engine::on_post_init;
    ops.io_u_init = engine::on_io_u_init;
    ops.prep = engine::on_prep;
    ops.queue = engine::on_queue;
    ops.commit = engine::on_commit;
    ops.getevents = engine::on_getevents;
    ops.event = engine::on_event;
    ops.cleanup = engine::on_cleanup;
    ops.open_file = engine::on_open_file;
    ops.close_file = engine::on_close_file;
    ops.get_file_size = engine::on_get_file_size;
    ops.option_struct_size = sizeof(engine::Options);
    ops.options = engine::option_table();
  }
  *out = &ops;
}
