// SPDX-License-Identifier: Apache-2.0
// The choice of a backend, and what every backend of the kernel does that memory cannot show.
#include "net/datagram_backends.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "net/socket_address.h"
#include "tests/support/network_namespace.h"
#include "tests/support/service_socket.h"
#include "tests/support/udp_client.h"

namespace aquatic::net {
namespace {

using namespace std::chrono_literals;
using test::pattern;
using test::UdpClient;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

IpAddress ip(const char* text) { return *IpAddress::parse(text); }

UdpGroup open_group(const char* address, AddressMode mode = AddressMode::plain) {
  const UdpOptions options{.address = {ip(address), 0}, .address_mode = mode, .steering = {}};
  return std::move(open_udp_groups(options).back());
}

void echo(std::span<Datagram> batch) {
  for (Datagram& datagram : batch) {
    std::ranges::copy(datagram.payload, datagram.response_room.begin());
    datagram.response_bytes = datagram.payload.size();
  }
}

// Answers the next batch.
void serve_one(DatagramSocket& socket) {
  const std::span<Datagram> batch = socket.receive(10s);
  echo(batch);
  socket.send(batch);
  socket.flush();
}

// Runs `body` in a child process and returns what it returns, so that it may cripple itself.
std::string run_in_child(const std::function<std::string()>& body) {
  std::array<int, 2> ends{};
  EXPECT_EQ(pipe(ends.data()), 0);
  const pid_t child = fork();
  if (child == 0) {
    const std::string said = body();
    const ssize_t written = write(ends[1], said.data(), said.size());
    _exit(written == static_cast<ssize_t>(said.size()) ? 0 : 1);
  }
  close(ends[1]);
  std::string said;
  std::array<char, 512> buffer;
  for (ssize_t count = 0; (count = read(ends[0], buffer.data(), buffer.size())) > 0;) {
    said.append(buffer.data(), static_cast<std::size_t>(count));
  }
  close(ends[0]);
  int status = -1;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  return said;
}

// Has io_uring_setup fail with `error` from now on, as the profiles of container engines do.
bool forbid_uring(unsigned error) {
  std::array<sock_filter, 4> filter = {{
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_io_uring_setup, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  }};
  const sock_fprog program{.len = filter.size(), .filter = filter.data()};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

// "backend: reason", after an exchange over a socket of that backend.
std::string describe_choice(std::string_view wanted) {
  const BackendChoice choice = choose_datagram_backend(wanted);
  UdpGroup group = open_group("127.0.0.1");
  const auto socket = open_datagram_socket(choice, std::move(group.sockets.front()), {});
  UdpClient client(group.address);
  client.send(pattern(9, 9));
  serve_one(*socket);
  const bool works = client.receive() == pattern(9, 9);
  return std::string(choice.backend->name) + ": " + choice.reason + (works ? "" : " but is deaf");
}

TEST(DatagramBackendsTest, OneWorksEverywhere) {
  const auto& mmsg = *std::ranges::find(datagram_backends(), "mmsg", &DatagramBackend::name);
  EXPECT_TRUE(mmsg.probe().has_value());
}

TEST(DatagramBackendsTest, AutoTakesTheFirstThatWorks) {
  const auto first = std::ranges::find_if(
      datagram_backends(), [](const DatagramBackend& b) { return b.probe().has_value(); });
  EXPECT_EQ(choose_datagram_backend("auto").backend, &*first);
}

TEST(DatagramBackendsTest, TakesWhatWasAskedFor) {
  EXPECT_EQ(describe_choice("mmsg"), "mmsg: ");
  const auto& uring = *std::ranges::find(datagram_backends(), "io_uring", &DatagramBackend::name);
  if (const auto works = uring.probe(); !works) GTEST_SKIP() << works.error();
  EXPECT_EQ(describe_choice("io_uring"), "io_uring: ");
}

TEST(DatagramBackendsTest, FallsBackWhereUringIsForbidden) {
  for (const auto& [error, reason] : {std::pair<unsigned, const char*>{EPERM, "forbidden"},
                                      {ENOSYS, "does not have it"},
                                      {ENOMEM, "RLIMIT_MEMLOCK"},
                                      {EINVAL, "too old"}}) {
    const std::string said = run_in_child([errno_value = error] {
      return forbid_uring(errno_value) ? describe_choice("io_uring") : "no seccomp";
    });
    if (said == "no seccomp") GTEST_SKIP() << "this machine allows no seccomp filter";
    EXPECT_THAT(said, AllOf(StartsWith("mmsg: io_uring cannot be used: "), HasSubstr(reason),
                            HasSubstr(std::strerror(static_cast<int>(error)))));
    EXPECT_THAT(said, testing::Not(HasSubstr("deaf")));
  }
}

TEST(DatagramBackendsTest, AutoWorksWhereUringIsForbidden) {
  const std::string said =
      run_in_child([] { return forbid_uring(EPERM) ? describe_choice("auto") : "no seccomp"; });
  if (said == "no seccomp") GTEST_SKIP() << "this machine allows no seccomp filter";
  EXPECT_THAT(said, AllOf(StartsWith("mmsg: "), testing::Not(HasSubstr("deaf"))));
}

// Old kernels charge rings to the limit, newer ones do not: whichever is chosen has to work.
TEST(DatagramBackendsTest, WorksWithoutLockedMemory) {
  const std::string said = run_in_child([] {
    const rlimit nothing{0, 0};
    return setrlimit(RLIMIT_MEMLOCK, &nothing) == 0 ? describe_choice("io_uring") : "no limit";
  });
  EXPECT_THAT(said, testing::AnyOf(StartsWith("mmsg: io_uring cannot"), "io_uring: "));
  EXPECT_THAT(said, testing::Not(HasSubstr("deaf")));
}

class KernelSocketTest : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    backend_ = &*std::ranges::find(datagram_backends(), GetParam(), &DatagramBackend::name);
    if (const auto works = backend_->probe(); !works) GTEST_SKIP() << works.error();
  }

  std::unique_ptr<DatagramSocket> open(UdpGroup& group) {
    return backend_->open(std::move(group.sockets.front()), {.nap = 0us});
  }

  const DatagramBackend* backend_ = nullptr;
};

// Sends a datagram from port 0 (RFC 768: there is nobody to answer). Returns whether this process
// may do that.
bool send_from_port_zero(const Endpoint& to, Bytes payload) {
  const FileDescriptor fd(socket(to.ip.is_v4() ? AF_INET : AF_INET6, SOCK_RAW, IPPROTO_UDP));
  if (!fd.is_open()) return false;
  constexpr int kChecksumAt = 6;  // IPv6 insists on one; the kernel computes it there.
  if (!to.ip.is_v4()) {
    setsockopt(fd.get(), IPPROTO_IPV6, IPV6_CHECKSUM, &kChecksumAt, sizeof(kChecksumAt));
  }
  std::vector<std::byte> datagram(8);
  store_big_endian<std::uint16_t>(&datagram[2], to.port);
  store_big_endian(&datagram[4], static_cast<std::uint16_t>(8 + payload.size()));
  datagram.insert(datagram.end(), payload.begin(), payload.end());
  const SocketAddress address = to_socket_address({to.ip, 0});
  return sendto(fd.get(), datagram.data(), datagram.size(), 0, &address.any, length_of(address)) ==
         static_cast<ssize_t>(datagram.size());
}

TEST_P(KernelSocketTest, DropsWhatComesFromPortZero) {
  for (const char* address : {"127.0.0.1", "::1"}) {
    if (!test::is_local(ip(address))) continue;
    UdpGroup group = open_group(address);
    const auto socket = open(group);
    UdpClient client(group.address);
    client.send(pattern(30, 1));
    if (!send_from_port_zero(group.address, pattern(30, 2))) {
      GTEST_SKIP() << "needs CAP_NET_RAW: " << std::strerror(errno);
    }
    client.send(pattern(30, 3));
    serve_one(*socket);
    EXPECT_EQ(client.receive(), pattern(30, 1));
    EXPECT_EQ(client.receive(), pattern(30, 3));
    EXPECT_EQ(socket->counters().dropped_port_zero, 1u);
    EXPECT_EQ(socket->counters().received, 2u);
    EXPECT_EQ(socket->counters().send_errors, 0u);
  }
}

// A client whose address vanishes between request and response must not cost others theirs.
TEST_P(KernelSocketTest, ServesTheOthersWhereAResponseFails) {
  const std::string impossible = test::run_in_network_namespace([&] {
    test::add_loopback_address(ip("2001:db8::9"));
    UdpGroup group = open_group("::1");
    const auto socket = open(group);
    UdpClient staying(group.address);
    UdpClient leaving(group.address, ip("2001:db8::9"));
    for (std::size_t i = 0; i < 10; ++i) {
      (i % 3 == 1 ? leaving : staying).send(pattern(40, i));
    }
    test::remove_loopback_address(ip("2001:db8::9"));
    const std::span<Datagram> batch = socket->receive(10s);
    ASSERT_EQ(batch.size(), 10u);
    echo(batch);
    socket->send(batch);
    socket->flush();
    for (std::size_t i = 0; i < 10; ++i) {
      if (i % 3 != 1) {
        EXPECT_EQ(staying.receive(), pattern(40, i));
      }
    }
    // Failures may be learnt of late, and are then taken off what was sent next.
    for (std::size_t i = 0; i < 10; ++i) {
      staying.send(pattern(40, 100 + i));
      serve_one(*socket);
      EXPECT_EQ(staying.receive(), pattern(40, 100 + i));
    }
    EXPECT_EQ(socket->counters().send_errors, 3u);
    EXPECT_EQ(socket->counters().sent, 17u);
    EXPECT_EQ(socket->counters().sent_bytes, 17u * 40);
  });
  if (!impossible.empty()) GTEST_SKIP() << impossible;
}

TEST_P(KernelSocketTest, AnswersFromTheAddressThatWasAsked) {
  const std::string impossible = test::run_in_network_namespace([&] {
    const std::array<IpAddress, 3> own = {ip("2001:db8::1"), ip("2001:db8::2"), ip("::1")};
    for (const IpAddress& address : std::span(own).first(2)) test::add_loopback_address(address);
    UdpGroup group = open_group("::", AddressMode::packet_info);
    const auto socket = open(group);
    for (const IpAddress& asked : own) {
      for (const IpAddress& asking : own) {
        UdpClient client({asked, group.address.port}, asking);
        client.send(pattern(40, 1));
        serve_one(*socket);
        EXPECT_EQ(client.receive(), pattern(40, 1))
            << asked.to_string() << " asked by " << asking.to_string();
      }
    }
  });
  if (!impossible.empty()) GTEST_SKIP() << impossible;
}

TEST_P(KernelSocketTest, TwoWorkersShareAPortByTheSteeringProgram) {
  const std::array<sock_filter, 3> by_first_byte = {{
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0),
      BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, 2),
      BPF_STMT(BPF_RET | BPF_A, 0),
  }};
  UdpGroup group =
      std::move(open_udp_groups(
                    {.address = {ip("127.0.0.1"), 0}, .worker_count = 2, .steering = by_first_byte})
                    .front());
  ASSERT_EQ(group.steering_error, "");
  const std::array workers = {backend_->open(std::move(group.sockets[0]), {}),
                              backend_->open(std::move(group.sockets[1]), {})};
  UdpClient client(group.address);
  for (std::size_t i = 0; i < 20; ++i) {
    client.send(pattern(40, i));
    serve_one(*workers[i % 2]);
    EXPECT_EQ(client.receive(), pattern(40, i));
  }
  EXPECT_EQ(workers[0]->counters().received, 10u);
  EXPECT_EQ(workers[1]->counters().received, 10u);
}

// As they have to where the service manager's cannot be opened again.
TEST_P(KernelSocketTest, TwoWorkersMayHaveTheSameSocket) {
  UdpGroup group = std::move(
      open_udp_groups({.address = {ip("127.0.0.1"), 0}, .worker_count = 2, .steering = {}},
                      test::open_service_socket({.type = SOCK_DGRAM}))
          .front());
  ASSERT_TRUE(group.is_shared);
  std::atomic<bool> is_done = false;
  std::atomic<std::uint64_t> received = 0;
  std::vector<std::thread> workers;
  for (UdpSocketPair& pair : group.sockets) {
    workers.emplace_back([&, this] {
      const auto socket = backend_->open(std::move(pair), {});
      while (!is_done) {
        const std::span<Datagram> batch = socket->receive(10ms);
        echo(batch);
        socket->send(batch);
      }
      socket->flush();
      received += socket->counters().received;
    });
  }
  UdpClient client(group.address);
  for (std::size_t i = 0; i < 100; ++i) {
    client.send(pattern(40, i));
    EXPECT_EQ(client.receive(), pattern(40, i));
  }
  is_done = true;
  for (std::thread& worker : workers) worker.join();
  EXPECT_EQ(received, 100u);
}

TEST_P(KernelSocketTest, ReportsWhatTheKernelDropped) {
  UdpGroup group =
      std::move(open_udp_groups(
                    {.address = {ip("127.0.0.1"), 0}, .receive_buffer_bytes = 5000, .steering = {}})
                    .front());
  const auto socket = open(group);
  UdpClient client(group.address);
  for (std::size_t i = 0; i < 100; ++i) client.send(pattern(1000, i));
  EXPECT_GT(socket->kernel_drops(), 0u);
  EXPECT_LT(socket->kernel_drops(), 100u);
}

TEST_P(KernelSocketTest, LetsGoOfThePortWhenItIsDestroyed) {
  UdpGroup group = open_group("127.0.0.1");
  UdpOptions options{.address = group.address, .steering = {}};
  for (int i = 0; i < 5; ++i) {
    {
      const auto socket = open(group);
      EXPECT_TRUE(socket->receive(1ms).empty());
    }
    EXPECT_NO_THROW(group = std::move(open_udp_groups(options).front()));
  }
}

std::vector<std::string> names() {
  std::vector<std::string> names;
  for (const DatagramBackend& backend : datagram_backends()) names.emplace_back(backend.name);
  return names;
}

std::string name_of(const testing::TestParamInfo<std::string>& tested) { return tested.param; }

INSTANTIATE_TEST_SUITE_P(, KernelSocketTest, testing::ValuesIn(names()), name_of);

}  // namespace
}  // namespace aquatic::net
