// SPDX-License-Identifier: GPL-2.0-only
// Reads a file of KV blocks as an inference runtime would: one thread needs block after block for
// its decode, another reads ahead of it. Each tells the kernel which of the two its reads are.
//
//   kv_reader FILE-OR-DRIVE [BLOCK-BYTES]
//
// Exit status: 0 read to the end, 2 usage, 3 the file cannot be read.
#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstring>
#include <string>
#include <thread>

#include "kairo/hint.hpp"

namespace hint = kairo::hint;

namespace {

// How far ahead of the decode the other thread reads.
constexpr long kAhead = 8;

struct KvFile {
  int fd = -1;
  long blocks = 0;
  std::size_t block_bytes = 0;
  hint::Carrier carrier = hint::Carrier::kNone;
};

// Reads one block with its class. 0 or an errno.
int read_block(const KvFile& file, long block, hint::Class cls, void* buffer) {
  iovec vec = {buffer, file.block_bytes};
  // A flag per read where the kernel has Kairo; else the thread's priority says it.
  const auto flags = static_cast<int>(file.carrier == hint::Carrier::kRwf ? hint::rwf(cls) : 0U);
  const auto offset = static_cast<off_t>(block) * static_cast<off_t>(file.block_bytes);
  return preadv2(file.fd, &vec, 1, offset, flags) < 0 ? errno : 0;
}

void name_thread(const KvFile& file, hint::Class cls) {
  if (file.carrier == hint::Carrier::kIoprio)
    hint::set_thread_ioprio({hint::PrioClass::kBestEffort, 4, cls});
}

const char* name(hint::Carrier carrier) {
  return carrier == hint::Carrier::kRwf      ? "RWF_KV_*"
         : carrier == hint::Carrier::kIoprio ? "the thread's ioprio"
                                             : "nothing: this kernel has no hints";
}

}  // namespace

int main(int argc, char** argv) {
  KvFile file;
  file.block_bytes = argc == 3 ? std::strtoul(argv[2], nullptr, 10) : 65536;
  if (argc < 2 || argc > 3 || file.block_bytes == 0 || file.block_bytes % 4096 != 0) {
    std::fprintf(stderr, "usage: kv_reader FILE [BLOCK-BYTES], a multiple of 4096\n");
    return 2;
  }
  file.fd = open(argv[1], O_RDONLY | O_CLOEXEC | O_DIRECT);
  // Of a file or a whole drive.
  const off_t bytes = file.fd < 0 ? -1 : lseek(file.fd, 0, SEEK_END);
  if (bytes < 0) {
    std::fprintf(stderr, "kv_reader: %s: %s\n", argv[1], std::strerror(errno));
    return 3;
  }
  file.blocks = bytes / static_cast<long>(file.block_bytes);
  file.carrier = hint::choose_carrier(file.fd);
  std::printf("hints travel by %s\n", name(file.carrier));

  std::atomic<long> decoded = 0;
  std::atomic<int> failed = 0;
  std::thread prefetcher([&] {
    name_thread(file, hint::Class::kPrefetch);
    void* buffer = std::aligned_alloc(4096, file.block_bytes);
    for (long block = 0; buffer && block < file.blocks && !failed; ++block) {
      while (block > decoded + kAhead && !failed) std::this_thread::yield();
      if (const int error = read_block(file, block, hint::Class::kPrefetch, buffer)) failed = error;
    }
    std::free(buffer);
  });
  name_thread(file, hint::Class::kDecode);
  void* buffer = std::aligned_alloc(4096, file.block_bytes);
  for (; buffer && decoded < file.blocks && !failed; ++decoded) {
    if (const int error = read_block(file, decoded, hint::Class::kDecode, buffer)) failed = error;
  }
  prefetcher.join();
  std::free(buffer);
  close(file.fd);
  if (failed) {
    std::fprintf(stderr, "kv_reader: %s: %s\n", argv[1], std::strerror(failed));
    return 3;
  }
  std::printf("%ld blocks of %zu bytes read\n", decoded.load(), file.block_bytes);
  return 0;
}
