// SPDX-License-Identifier: GPL-2.0-only
// kairo-sampler: reads small files every few milliseconds beside a running load.
//
//   kairo-sampler EVERY_MS FROM TO [FROM TO]...      until SIGTERM, then writes the TO files
//
// A shell loop would spend two processes per sample, a tenth of the emulated processor at 10 ms;
// this costs one open, read and close per file and sample. Samples are kept in memory and written
// at the end, so that the load's device and the host are not touched. Each TO holds, for every
// sample, a line
// `@ <CLOCK_MONOTONIC, ns>` and the file as it was. A FROM that does not exist has no TO; a TO that
// exists is not replaced.
#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

namespace {

constexpr std::int64_t kNsPerMs = 1000000;
constexpr std::int64_t kNsPerS = 1000000000;
// A load of ten minutes at 1 ms; after that nothing more is kept.
constexpr std::size_t kMemoryLimit = 256U << 20;

volatile std::sig_atomic_t stop = 0;

void on_signal(int) {
  stop = 1;
}

std::int64_t now_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * kNsPerS + now.tv_nsec;
}

struct Sampled {
  const char* from;
  const char* to;
  std::string text;
};

void take(Sampled& file) {
  const int descriptor = open(file.from, O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return;
  if (file.text.size() < kMemoryLimit) {
    file.text += "@ " + std::to_string(now_ns()) + "\n";
    char buffer[16384];
    for (ssize_t got = read(descriptor, buffer, sizeof buffer); got > 0;
         got = read(descriptor, buffer, sizeof buffer))
      file.text.append(buffer, static_cast<std::size_t>(got));
    if (file.text.back() != '\n') file.text += '\n';
  }
  close(descriptor);
}

bool write_all(const Sampled& file) {
  if (file.text.empty()) return true;
  // Exclusive: it goes to a folder made for this run, and never over anybody's file.
  std::FILE* const out = std::fopen(file.to, "wx");
  if (out == nullptr) return false;
  const bool whole = std::fwrite(file.text.data(), 1, file.text.size(), out) == file.text.size();
  return std::fclose(out) == 0 && whole;
}

}  // namespace

int main(int argc, char** argv) {
  const long every_ms = argc >= 4 && argc % 2 == 0 ? std::strtol(argv[1], nullptr, 10) : 0;
  if (every_ms < 1 || every_ms > 60000) {
    std::fputs("usage: kairo-sampler EVERY_MS FROM TO [FROM TO]...\n", stderr);
    return 2;
  }
  struct sigaction action {};
  action.sa_handler = on_signal;
  sigaction(SIGTERM, &action, nullptr);
  sigaction(SIGINT, &action, nullptr);
  std::vector<Sampled> files;
  for (int i = 2; i + 1 < argc; i += 2) files.push_back({argv[i], argv[i + 1], {}});

  std::int64_t next = now_ns();
  while (stop == 0) {
    for (Sampled& file : files) take(file);
    next += every_ms * kNsPerMs;
    const timespec until{next / kNsPerS, next % kNsPerS};
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr);
  }
  bool written = true;
  for (const Sampled& file : files) written = write_all(file) && written;
  if (!written) std::perror("kairo-sampler");
  return written ? 0 : 1;
}
