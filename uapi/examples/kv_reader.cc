// SPDX-License-Identifier: GPL-2.0-only
// Reads a file of KV blocks as an inference runtime would: one thread needs block after block for
// its decode, another reads ahead of it. Each tells the kernel which of the two its reads are.
//
//   kv_reader FILE-OR-DRIVE [BLOCK-BYTES]
//
// Exit status: 0 every block was read whole, 2 usage, 3 the file cannot be read or became shorter.
#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstring>
#include <mutex>
#include <string>
#include <thread>

#include "kairo/hint.hpp"

namespace hint = kairo::hint;

namespace {

// How far ahead of the decode the other thread reads.
constexpr long kAhead = 8;
// What O_DIRECT asks of places and lengths, on nearly all drives.
constexpr std::size_t kAlignment = 4096;

struct KvFile {
  int fd = -1;
  long blocks = 0;
  std::size_t block_bytes = 0;
  hint::Carrier carrier = hint::Carrier::kNone;
};

// The first thing that went wrong, in either thread.
class Failure {
 public:
  void set(const std::string& text) {
    const std::lock_guard lock(mutex_);
    if (text_.empty()) text_ = text;
    happened_ = true;
  }
  explicit operator bool() const { return happened_; }
  // When both threads have ended.
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::mutex mutex_;
  std::atomic<bool> happened_ = false;
  std::string text_;
};

// Reads one block with its class, all of it: a read may give less than was asked for. Empty, or why
// not.
std::string read_block(const KvFile& file, long block, hint::Class cls, char* buffer) {
  // A flag per read where the kernel has Kairo; else the thread's priority says it.
  const auto flags = static_cast<int>(file.carrier == hint::Carrier::kRwf ? hint::rwf(cls) : 0U);
  const auto offset = static_cast<off_t>(block) * static_cast<off_t>(file.block_bytes);
  for (std::size_t done = 0; done < file.block_bytes;) {
    iovec vec = {buffer + done, file.block_bytes - done};
    const ssize_t got = preadv2(file.fd, &vec, 1, offset + static_cast<off_t>(done), flags);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return "block " + std::to_string(block) + ": " + std::strerror(errno);
    done += static_cast<std::size_t>(got);
    // A read that ends between two places of O_DIRECT met the end of the file.
    if (got == 0 || (done < file.block_bytes && done % kAlignment != 0))
      return "ends after " + std::to_string(done) + " bytes of block " + std::to_string(block) +
             ": it became shorter while it was read";
  }
  return {};
}

// Reads the blocks one after the other, each when `may` lets it. `done` counts them.
template <class May>
void read_blocks(const KvFile& file, hint::Class cls, std::atomic<long>& done, Failure& failure,
                 May may) {
  if (file.carrier == hint::Carrier::kIoprio)
    if (const int error = hint::set_thread_ioprio({hint::PrioClass::kBestEffort, 4, cls}))
      return failure.set(std::string("the thread's ioprio: ") + std::strerror(error));
  auto* const buffer = static_cast<char*>(std::aligned_alloc(kAlignment, file.block_bytes));
  if (!buffer) return failure.set("no memory for a block");
  for (; done < file.blocks && !failure; ++done) {
    while (!may(done) && !failure) std::this_thread::yield();
    if (const std::string error = read_block(file, done, cls, buffer); !error.empty())
      failure.set(error);
  }
  std::free(buffer);
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
  if (argc < 2 || argc > 3 || file.block_bytes == 0 || file.block_bytes % kAlignment != 0) {
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
  if (file.blocks <= 0) {
    std::fprintf(stderr, "kv_reader: %s: has no whole block of %zu bytes\n", argv[1],
                 file.block_bytes);
    return 3;
  }
  file.carrier = hint::choose_carrier(file.fd);
  std::printf("hints travel by %s\n", name(file.carrier));

  std::atomic<long> decoded = 0;
  std::atomic<long> prefetched = 0;
  Failure failure;
  std::thread prefetcher([&] {
    read_blocks(file, hint::Class::kPrefetch, prefetched, failure,
                [&](long block) { return block <= decoded + kAhead; });
  });
  read_blocks(file, hint::Class::kDecode, decoded, failure, [](long) { return true; });
  prefetcher.join();
  close(file.fd);
  if (failure) {
    std::fprintf(stderr, "kv_reader: %s: %s\n", argv[1], failure.text().c_str());
    return 3;
  }
  std::printf("%ld blocks of %zu bytes read\n", decoded.load(), file.block_bytes);
  return 0;
}
