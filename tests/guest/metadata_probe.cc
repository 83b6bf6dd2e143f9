// SPDX-License-Identifier: GPL-2.0-only
// metadata_probe SCENARIO DEVICE [SEED ROUNDS]: see metadata_test.cc.
#include "metadata_probe.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/uio.h>

#include <cstring>
#include <functional>
#include <map>

#include "metadata_counts.h"

namespace kairo::testing {
namespace {

namespace counts = metadata_counts;
using hint::attribute;
using hint::Class;

void refuses_what_it_does_not_know(const std::string& device) {
  Session io(device, O_DIRECT);
  expect((io.ring().features() & KAIRO_FEAT_RW_ATTR) != 0, "KAIRO_FEAT_RW_ATTR is missing");
  expect((io.ring().features() & (1U << 16)) != 0, "IORING_FEAT_RW_ATTR is missing");

  const kairo_rw_attr good = attribute(Class::kDecode);
  expect_equal(io.one(false, good), kBytes, "a decode read");
  for (unsigned bit = 0; bit < 64; ++bit) {
    if (1ULL << bit == KAIRO_RW_ATTR_FLAG) continue;
    for (const std::uint64_t also : {std::uint64_t{0}, std::uint64_t{KAIRO_RW_ATTR_FLAG}}) {
      io_uring_sqe& sqe = io.prepare(0, false);
      hint::set_sqe_attribute(sqe, good);
      sqe.__pad2[0] = 1ULL << bit | also;
      expect_equal(io.submit_and_wait(1)[0], -EINVAL, fmt::format("attribute bit {}", bit));
    }
  }
  // Each byte that is not a field the kernel knows, and each field with a value it does not know.
  const auto with = [](const std::function<void(kairo_rw_attr&)>& change) {
    kairo_rw_attr attr = attribute(Class::kDecode);
    change(attr);
    return attr;
  };
  const std::pair<const char*, kairo_rw_attr> bad[] = {
      {"size 0", with([](auto& a) { a.size = 0; })},
      {"a size too large", with([](auto& a) { a.size += 8; })},
      {"version 0", with([](auto& a) { a.version = 0; })},
      {"version 2", with([](auto& a) { a.version = 2; })},
      {"a class beyond the last", with([](auto& a) { a.io_class = KAIRO_NR_CLASSES; })},
      {"a flag", with([](auto& a) { a.flags = 0x8000; })},
      {"the first reserved word", with([](auto& a) { a.resv[0] = 1; })},
      {"the last reserved word", with([](auto& a) { a.resv[4] = 1U << 31; })},
      {"a deadline of a decode read", with([](auto& a) { a.deadline_us = 100; })},
      {"prefill on a read", attribute(Class::kPrefill)},
      {"evict on a read", attribute(Class::kEvict)},
  };
  for (const auto& [what, attr] : bad) expect_equal(io.one(false, attr), -EINVAL, what);
  expect_equal(io.one(true, good), -EINVAL, "decode on a write");
  expect_equal(io.one(true, attribute(Class::kPrefetch, 0, 100)), -EINVAL, "prefetch on a write");
  expect_equal(io.one(false, attribute(Class::kDecode, 1)), -ENOENT, "a context that is not there");

  io_uring_sqe& unmapped = io.prepare(0, false);
  hint::set_sqe_attribute(unmapped, good);
  unmapped.addr3 = 8;
  expect_equal(io.submit_and_wait(1)[0], -EFAULT, "an attribute at address 8");

  io_uring_sqe& twice = io.prepare(0, false);
  hint::set_sqe_attribute(twice, good);
  hint::set_sqe_rwf(twice, Class::kPrefetch);
  expect_equal(io.submit_and_wait(1)[0], -EINVAL, "a class by attribute and by flag");

  Session buffered(device);
  expect_equal(buffered.one(false, good), -EOPNOTSUPP, "an attribute on buffered I/O");
}

// Decode reads and prefill writes of session 11, prefetch reads of session 22 with a deadline,
// reads without attribute: on one ring and one file, mixed in every submission.
void two_contexts_on_one_ring(const std::string& device) {
  Session io(device, O_DIRECT);
  kairo_context_reg first = context(11, KAIRO_LIFETIME_SESSION);
  first.info.flags = KAIRO_CONTEXT_RECOMPUTABLE;
  first.info.recompute_us = 2500;
  first.info.cache_pool = 3;
  kairo_context_reg second = context(22, KAIRO_LIFETIME_MODEL);
  const int a = io.register_context(first), b = io.register_context(second);
  expect(a > 0 && b > 0 && a != b, "two contexts");
  expect(first.seq != second.seq, "equal seq");
  expect_equal(first.info.weight, KAIRO_WEIGHT_DEFAULT, "default weight");

  const auto id = [](int context_id) { return static_cast<std::uint16_t>(context_id); };
  const kairo_rw_attr decode = attribute(Class::kDecode, id(a));
  const kairo_rw_attr prefill = attribute(Class::kPrefill, id(a));
  const kairo_rw_attr prefetch = attribute(Class::kPrefetch, id(b), 10000);
  const struct {
    const kairo_rw_attr* attr;
    bool write;
    unsigned number;
  } kinds[] = {{&decode, false, counts::kFirstDecode},
               {&prefill, true, counts::kFirstPrefill},
               {&prefetch, false, counts::kSecondPrefetch},
               {nullptr, false, counts::kNoAttribute}};

  for (unsigned round = 0; round < counts::kFirstDecode; ++round) {
    unsigned count = 0;
    for (const auto& kind : kinds) {
      if (round >= kind.number) continue;
      io_uring_sqe& sqe = io.prepare(count++, kind.write);
      if (kind.attr != nullptr) hint::set_sqe_attribute(sqe, *kind.attr);
    }
    const std::vector<int> results = io.submit_and_wait(count);
    for (unsigned i = 0; i < count; ++i) expect_equal(results[i], kBytes, "an I/O with a context");
  }
  fmt::print("ids {} {} seqs {} {}\n", a, b, first.seq, second.seq);
}

// A write of a context is in the device while its context goes and all other ids are taken: the id
// comes back when the write has ended, and not before.
void an_id_in_flight_is_not_reused(const std::string& device) {
  Session io(device, O_DIRECT);
  kairo_context_reg reg = context(1, KAIRO_LIFETIME_SHORT);
  const int id = io.register_context(reg);
  const std::uint64_t seq = reg.seq;
  expect(id > 0, "the context");
  const kairo_rw_attr attr = attribute(Class::kPrefill, static_cast<std::uint16_t>(id));
  hint::set_sqe_attribute(io.prepare(0, true), attr);
  io.submit(1);
  expect_equal(io.unregister_context(static_cast<unsigned>(id)), 0, "unregister in flight");
  expect_equal(io.unregister_context(static_cast<unsigned>(id)), -ENOENT, "unregister twice");
  hint::set_sqe_attribute(io.prepare(1, true), attr);
  io.submit(1);

  unsigned registered = 0;
  int result = 0;
  for (;; ++registered) {
    reg = context(2, KAIRO_LIFETIME_SHORT);
    result = io.register_context(reg);
    if (result <= 0) break;
    expect(result != id, "the id of an I/O in flight was given away");
  }
  expect_equal(result, -ENOSPC, "one context too many");
  expect_equal(registered, 65534, "contexts beside the one in flight");

  const std::vector<int> results = io.wait_for(2);
  expect_equal(results[0], kBytes, "the write in flight");
  expect_equal(results[1], -ENOENT, "a write after unregistering");
  reg = context(3, KAIRO_LIFETIME_SHORT);
  expect_equal(io.register_context(reg), id, "the last free id");
  expect(reg.seq != seq, "seq came back");
}

// How many contexts a user may have. They are gone with their ring, a little later: the kernel
// frees it behind our back.
void a_user_has_a_limit(const std::string& device) {
  for (unsigned round = 0; round < 3; ++round) {
    Session io(device, O_DIRECT);
    unsigned registered = 0, refused = 0;
    while (registered < 4096) {
      kairo_context_reg reg = context(1, KAIRO_LIFETIME_NONE);
      const int result = io.register_context(reg);
      if (result > 0) {
        ++registered;
        continue;
      }
      expect_equal(result, -ENOSPC, "a context");
      expect(++refused < 5000, fmt::format("only {} contexts after 5 s", registered));
      ::usleep(1000);
    }
    kairo_context_reg reg = context(1, KAIRO_LIFETIME_NONE);
    expect_equal(io.register_context(reg), -ENOSPC, "one context too many");
  }
}

void an_unprivileged_user_claims_little(const std::string& device) {
  Session io(device, O_DIRECT);
  Session other(device, O_DIRECT);
  kairo_context_reg reg = context(1, KAIRO_LIFETIME_NONE);
  const int foreign = other.register_context(reg);
  expect(foreign > 0, "a context of another ring");
  expect(::setgid(65534) == 0 && ::setuid(65534) == 0, "setuid");

  reg = context(1, KAIRO_LIFETIME_PERSISTENT);
  expect_equal(io.register_context(reg), -EPERM, "a persistent context");
  reg = context(1, KAIRO_LIFETIME_SESSION);
  reg.info.weight = KAIRO_WEIGHT_DEFAULT + 1;
  expect_equal(io.register_context(reg), -EPERM, "a weight above the default");
  reg.info.weight = KAIRO_WEIGHT_DEFAULT;
  expect(io.register_context(reg) > 0, "a context of the default weight");

  const auto their = static_cast<std::uint16_t>(foreign);
  expect_equal(io.one(false, attribute(Class::kDecode, their)), -ENOENT,
               "a context of another ring");
  expect_equal(io.unregister_context(their), -ENOENT, "unregistering another ring's context");
  // The realtime class of the I/O priority stays as forbidden as without an attribute.
  io_uring_sqe& sqe = io.prepare(0, false);
  const kairo_rw_attr decode = attribute(Class::kDecode);
  hint::set_sqe_attribute(sqe, decode);
  sqe.ioprio = hint::encode({hint::PrioClass::kRealTime, 0, Class::kNormal});
  expect_equal(io.submit_and_wait(1)[0], -EPERM, "realtime");
  expect_equal(io.one(false, decode), kBytes, "a decode read");
}

void registration_refuses_nonsense(const std::string& device) {
  Session io(device, O_DIRECT);
  const std::pair<const char*, std::function<void(kairo_context_reg&)>> changes[] = {
      {"size", [](auto& r) { r.size = 1; }},
      {"version", [](auto& r) { r.version = 0; }},
      {"id", [](auto& r) { r.id = 5; }},
      {"seq", [](auto& r) { r.seq = 1; }},
      {"lifetime", [](auto& r) { r.info.lifetime = KAIRO_NR_LIFETIMES; }},
      {"flags", [](auto& r) { r.info.flags = 4; }},
      {"a cost of what cannot be computed", [](auto& r) { r.info.recompute_us = 1; }},
      {"weight", [](auto& r) { r.info.weight = KAIRO_WEIGHT_MAX + 1; }},
      {"first reserved", [](auto& r) { r.info.resv = 1; }},
      {"second reserved", [](auto& r) { r.info.resv2 = 1; }},
      {"last reserved", [](auto& r) { r.resv = 1; }},
  };
  for (const auto& [what, change] : changes) {
    kairo_context_reg reg = context(1, KAIRO_LIFETIME_NONE);
    change(reg);
    expect_equal(io.register_context(reg), -EINVAL, what);
  }
  kairo_context_reg reg = context(1, KAIRO_LIFETIME_NONE);
  expect_equal(io.ring().register_with(KAIRO_REGISTER_CONTEXT, &reg, 2), -EINVAL, "two at a time");
  expect_equal(io.ring().register_with(KAIRO_REGISTER_CONTEXT, nullptr, 1), -EINVAL, "no argument");
  for (const unsigned id : {0U, 1U, 65535U, 65536U, ~0U})
    expect_equal(io.unregister_context(id), -ENOENT, "unregistering what is not there");
}

// By the default of the file, by flag against it, after clearing, through another open file.
void a_file_has_a_class(const std::string& device) {
  Session io(device, O_DIRECT), other(device, O_DIRECT), buffered(device);
  const auto get = [&] { return ::syscall(SYS_fcntl, io.fd(), hint::kGetFileClass, 0); };
  char* const memory = static_cast<char*>(std::aligned_alloc(kBytes, kBytes));
  const auto read = [&](const Session& session, int flags) {
    const iovec vec = {memory, kBytes};
    expect_equal(::preadv2(session.fd(), &vec, 1, 0, flags), kBytes, "preadv2");
  };
  expect_equal(get(), 0, "no class yet");
  expect_equal(hint::set_file_class(io.fd(), Class::kPrefill, Class::kNormal), EINVAL,
               "read class");
  expect_equal(hint::set_file_class(io.fd(), Class::kNormal, Class::kDecode), EINVAL,
               "write class");
  const int null = ::open("/dev/null", O_RDWR);
  expect_equal(hint::set_file_class(null, Class::kDecode, Class::kNormal), EOPNOTSUPP, "/dev/null");
  expect_equal(hint::set_file_class(io.fd(), Class::kDecode, Class::kPrefill), 0, "set");
  expect_equal(get(), KAIRO_CLASS_DECODE | KAIRO_CLASS_PREFILL << 8, "get");
  // O_NONBLOCK: the status flags are set anew and must leave the class alone.
  const int flags = ::fcntl(io.fd(), F_GETFL);
  expect_equal(::fcntl(io.fd(), F_SETFL, flags | O_NONBLOCK), 0, "F_SETFL");
  expect_equal(::fcntl(io.fd(), F_SETFL, flags), 0, "F_SETFL");
  expect_equal(get(), KAIRO_CLASS_DECODE | KAIRO_CLASS_PREFILL << 8, "get after F_SETFL");

  for (unsigned i = 0; i < counts::kFileReads; ++i) read(io, 0);
  for (unsigned i = 0; i < counts::kFileRingReads; ++i) {
    io.prepare(0, false);
    expect_equal(io.submit_and_wait(1)[0], kBytes, "a read through the ring");
  }
  for (unsigned i = 0; i < counts::kFileRingWrites; ++i) {
    io.prepare(0, true);
    expect_equal(io.submit_and_wait(1)[0], kBytes, "a write through the ring");
  }
  for (unsigned i = 0; i < counts::kFileFlagReads; ++i)
    read(io, static_cast<int>(hint::kRwfPrefetch));
  for (unsigned i = 0; i < counts::kOtherFileReads; ++i) read(other, 0);
  expect_equal(hint::set_file_class(io.fd(), Class::kNormal, Class::kNormal), 0, "clear");
  expect_equal(get(), 0, "cleared");
  for (unsigned i = 0; i < counts::kClearedReads; ++i) read(io, 0);
  std::free(memory);
}

// Prefetch reads at once, each wanted before the one submitted before it.
void earlier_deadlines_go_first(const std::string& device) {
  Session io(device, O_DIRECT);
  std::vector<kairo_rw_attr> attrs;
  for (unsigned i = 0; i < counts::kDeadlines; ++i)
    attrs.push_back(attribute(Class::kPrefetch, 0, (counts::kDeadlines - i) * 100'000));
  for (unsigned i = 0; i < counts::kDeadlines; ++i)
    hint::set_sqe_attribute(io.prepare(i, false), attrs[i]);
  for (unsigned i = 0; const int result : io.submit_and_wait(counts::kDeadlines))
    if (i++ < counts::kDeadlines) expect_equal(result, kBytes, "a prefetch read");
}

// Prefetch reads one by one that cannot be in time on a device that takes 1 ms, some that are, and
// some that do not say.
void late_is_later_than_the_deadline(const std::string& device) {
  Session io(device, O_DIRECT);
  const std::pair<unsigned, kairo_rw_attr> kinds[] = {
      {counts::kTooLate, attribute(Class::kPrefetch, 0, 500)},
      {counts::kInTime, attribute(Class::kPrefetch, 0, 100'000)},
      {counts::kNoDeadline, attribute(Class::kPrefetch)}};
  for (const auto& [number, attr] : kinds)
    for (unsigned i = 0; i < number; ++i) expect_equal(io.one(false, attr), kBytes, "a prefetch");
}

int run(int argc, char** argv) {
  Scenarios scenarios = {
      {"refusals", refuses_what_it_does_not_know},
      {"contexts", two_contexts_on_one_ring},
      {"in_flight", an_id_in_flight_is_not_reused},
      {"limit", a_user_has_a_limit},
      {"unprivileged", an_unprivileged_user_claims_little},
      {"deadlines", earlier_deadlines_go_first},
      {"late", late_is_later_than_the_deadline},
      {"nonsense", registration_refuses_nonsense},
      {"file", a_file_has_a_class},
  };
  scenarios.merge(region_scenarios());
  scenarios.merge(region_load_scenarios());
  scenarios.merge(semantics_scenarios());
  scenarios.merge(placement_scenarios());
  scenarios.merge(rights_scenarios());
  scenarios.merge(process_scenarios());
  scenarios.merge(lifetime_scenarios());
  if (argc == 5 && std::string(argv[1]) == "fuzz") {
    fuzz(argv[2], std::stoull(argv[3]), static_cast<unsigned>(std::stoul(argv[4])));
    return 0;
  }
  return run_scenario(scenarios, argc, argv,
                      "metadata_probe: SCENARIO DEVICE, or fuzz DEVICE SEED ROUNDS");
}

}  // namespace
}  // namespace kairo::testing

int main(int argc, char** argv) {
  return kairo::testing::run(argc, argv);
}
