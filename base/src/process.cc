// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/base/process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "kairo/base/files.h"
#include "kairo/base/interrupt.h"

namespace kairo::base {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kTickMs = 200;  // between two calls of keep_going
// For a program to clear away after itself when it is interrupted.
constexpr std::chrono::seconds kPartingTime{3};

// A file descriptor that closes itself.
class Fd {
 public:
  explicit Fd(int fd = -1) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(other.release()) {}
  Fd& operator=(Fd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  ~Fd() { reset(); }
  void reset() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }
  int release() {
    const int fd = fd_;
    fd_ = -1;
    return fd;
  }
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

struct Pipe {
  Fd read_end;
  Fd write_end;
};

Result<Pipe> make_pipe() {
  std::array<int, 2> fds{};
  if (::pipe2(fds.data(), O_CLOEXEC) != 0)
    return fail(ErrorCode::kUnavailable, "pipe: {}", std::strerror(errno));
  return Pipe{Fd(fds[0]), Fd(fds[1])};
}

// Hands complete lines to the callback; the rest waits for its newline.
class LineFeed {
 public:
  explicit LineFeed(const std::function<void(std::string_view)>& on_line) : on_line_(on_line) {}
  void add(std::string_view text) {
    if (!on_line_) return;
    pending_ += text;
    std::size_t start = 0;
    for (auto end = pending_.find('\n'); end != std::string::npos;
         end = pending_.find('\n', start)) {
      on_line_(std::string_view(pending_).substr(start, end - start));
      start = end + 1;
    }
    pending_.erase(0, start);
  }
  void finish() {
    if (on_line_ && !pending_.empty()) on_line_(pending_);
  }

 private:
  const std::function<void(std::string_view)>& on_line_;
  std::string pending_;
};

std::vector<std::string> build_environment(const std::map<std::string, std::string>& added) {
  std::vector<std::string> out;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    if (added.count(std::string(text.substr(0, text.find('=')))) == 0) out.emplace_back(text);
  }
  for (const auto& [name, value] : added) out.push_back(name + "=" + value);
  return out;
}

std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> out;
  for (std::string& text : strings) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

// Runs in the child between fork and exec: only async-signal-safe calls.
[[noreturn]] void child_exec(int in, int out, int err, const char* directory, const char* program,
                             char* const* argv, char* const* environment, int status_fd) {
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  ::signal(SIGPIPE, SIG_DFL);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  if (::dup2(in, 0) >= 0 && ::dup2(out, 1) >= 0 && ::dup2(err, 2) >= 0 &&
      (directory == nullptr || ::chdir(directory) == 0)) {
    ::execve(program, argv, environment);
  }
  const int reason = errno;
  [[maybe_unused]] const auto written = ::write(status_fd, &reason, sizeof reason);
  ::_exit(127);
}

// A child that dies before it read its input must not take us with it. Per thread, so that several
// can run programs at once.
class SigpipeBlock {
 public:
  SigpipeBlock() {
    ::sigemptyset(&sigpipe_);
    ::sigaddset(&sigpipe_, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &sigpipe_, &before_);
  }
  SigpipeBlock(const SigpipeBlock&) = delete;
  SigpipeBlock& operator=(const SigpipeBlock&) = delete;
  ~SigpipeBlock() {
    const timespec now{};
    while (::sigtimedwait(&sigpipe_, nullptr, &now) == SIGPIPE) {
    }
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }

 private:
  sigset_t sigpipe_{};
  sigset_t before_{};
};

struct Channel {
  Fd* fd;
  std::string* sink;
  bool feed;
};

bool ends_by_interrupt(const Command& command) {
  return !command.keep_going && InterruptGuard::active() && InterruptGuard::interrupted();
}

// Ends the process group: asked to when it was interrupted, since git and make remove their lock
// files then, and in any case killed.
void end_group(pid_t pid, bool ask) {
  const auto deadline = Clock::now() + kPartingTime;
  if (ask && ::kill(-pid, SIGTERM) == 0) {
    siginfo_t info{};
    while (Clock::now() < deadline &&
           ::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           info.si_pid == 0)
      ::poll(nullptr, 0, 20);
  }
  ::kill(-pid, SIGKILL);
}

// Reads both pipes and writes the input until the child has closed them or the deadline is over.
// Returns false when the deadline is over, `keep_going` said no or an interrupt ends it.
bool pump(Pipe& in, Pipe& out, Pipe& err, const Command& command, ProcessResult& result) {
  LineFeed feed(command.on_line);
  const bool limited = command.timeout.count() > 0;
  const auto deadline = Clock::now() + command.timeout;
  std::string_view input = command.input;
  if (input.empty()) in.write_end.reset();
  std::array<Channel, 2> channels = {
      {{&out.read_end, &result.out, true}, {&err.read_end, &result.err, false}}};
  std::array<char, 65536> buffer{};
  while (out.read_end.get() >= 0 || err.read_end.get() >= 0) {
    int wait_ms = -1;
    if (limited) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
      if (left.count() <= 0) {
        result.timed_out = true;
        return false;
      }
      wait_ms = static_cast<int>(std::min<std::int64_t>(left.count(), 1000));
    }
    if (ends_by_interrupt(command)) return false;
    if (command.keep_going && !command.keep_going()) {
      result.stopped = true;
      return false;
    }
    if (command.keep_going || InterruptGuard::active())
      wait_ms = wait_ms < 0 ? kTickMs : std::min(wait_ms, kTickMs);
    std::array<pollfd, 3> fds = {{{out.read_end.get(), POLLIN, 0},
                                  {err.read_end.get(), POLLIN, 0},
                                  {in.write_end.get(), POLLOUT, 0}}};
    if (::poll(fds.data(), fds.size(), wait_ms) < 0 && errno != EINTR) break;
    for (std::size_t i = 0; i < channels.size(); ++i) {
      if ((fds[i].revents & (POLLIN | POLLHUP | POLLERR)) == 0) continue;
      const ssize_t got = ::read(channels[i].fd->get(), buffer.data(), buffer.size());
      if (got <= 0) {
        channels[i].fd->reset();
        continue;
      }
      const std::string_view text(buffer.data(), static_cast<std::size_t>(got));
      channels[i].sink->append(text);
      if (channels[i].feed) feed.add(text);
    }
    if ((fds[2].revents & (POLLOUT | POLLERR)) != 0) {
      const ssize_t put =
          ::write(in.write_end.get(), input.data(), std::min<std::size_t>(input.size(), 4096));
      if (put > 0) input.remove_prefix(static_cast<std::size_t>(put));
      if (put <= 0 || input.empty()) in.write_end.reset();
    }
  }
  feed.finish();
  return true;
}

std::string last_lines(std::string_view text, std::size_t lines) {
  while (text.ends_with('\n')) text.remove_suffix(1);
  std::size_t at = text.size();
  while (lines-- > 0 && at != std::string_view::npos && at > 0) at = text.rfind('\n', at - 1);
  return std::string(at == std::string_view::npos || at == 0 ? text : text.substr(at + 1));
}

}  // namespace

std::string shell_quote(const std::vector<std::string>& argv) {
  static constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./:,@%";
  std::string out;
  for (const std::string& word : argv) {
    if (!out.empty()) out += ' ';
    if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) {
      out += word;
      continue;
    }
    out += '\'';
    for (const char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    out += '\'';
  }
  return out;
}

Result<ProcessResult> run(const Command& command) {
  if (command.argv.empty()) return fail(ErrorCode::kUsage, "no program to run");
  if (ends_by_interrupt(command)) return fail(kInterrupted, "interrupted");
  const std::string& name = command.argv.front();
  const std::filesystem::path program =
      name.find('/') != std::string::npos ? std::filesystem::path(name) : find_program(name);
  if (program.empty())
    return fail(ErrorCode::kUnavailable, "{}: not found on PATH (is its package installed?)", name);

  auto in = make_pipe();
  auto out = make_pipe();
  auto err = make_pipe();
  auto exec_status = make_pipe();
  if (!in || !out || !err || !exec_status)
    return fail(ErrorCode::kUnavailable, "{}: no pipes left for it", name);

  std::vector<std::string> argv = command.argv;
  std::vector<std::string> environment = build_environment(command.environment);
  const std::vector<char*> argv_pointers = pointers(argv);
  const std::vector<char*> environment_pointers = pointers(environment);
  const std::string program_text = program.string();
  const std::string directory = command.directory.string();

  const pid_t pid = ::fork();
  if (pid < 0) return fail(ErrorCode::kUnavailable, "{}: fork: {}", name, std::strerror(errno));
  if (pid == 0) {
    const int err_fd = command.merge_stderr ? out->write_end.get() : err->write_end.get();
    child_exec(in->read_end.get(), out->write_end.get(), err_fd,
               directory.empty() ? nullptr : directory.c_str(), program_text.c_str(),
               argv_pointers.data(), environment_pointers.data(), exec_status->write_end.get());
  }
  in->read_end.reset();
  out->write_end.reset();
  err->write_end.reset();
  exec_status->write_end.reset();

  int reason = 0;
  if (::read(exec_status->read_end.get(), &reason, sizeof reason) == sizeof reason) {
    ::waitpid(pid, nullptr, 0);
    return fail(ErrorCode::kUnavailable, "{}: cannot be started: {}", name, std::strerror(reason));
  }

  ProcessResult result;
  bool ended = false;
  {
    const SigpipeBlock block;
    ended = pump(*in, *out, *err, command, result);
  }

  const bool interrupted = !ended && ends_by_interrupt(command);
  if (!ended) end_group(pid, interrupted);
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (interrupted) return fail(kInterrupted, "interrupted");
  result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return result;
}

Result<ProcessResult> run_ok(const Command& command) {
  auto result = run(command);
  if (!result) return result;
  const std::string line = shell_quote(command.argv);
  if (result->timed_out)
    return fail(ErrorCode::kShort, "`{}` ran longer than {} s and was stopped", line,
                std::chrono::duration_cast<std::chrono::seconds>(command.timeout).count());
  if (result->exit_code != 0) {
    const std::string& text = result->err.empty() ? result->out : result->err;
    return fail(ErrorCode::kShort, "`{}` failed with status {}:\n{}", line, result->exit_code,
                last_lines(text, 15));
  }
  return result;
}

}  // namespace kairo::base
