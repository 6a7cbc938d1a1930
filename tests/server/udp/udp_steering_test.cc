// SPDX-License-Identifier: Apache-2.0
#include "server/udp/udp_steering.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <set>

#include "base/random.h"
#include "protocol/udp/request.h"

namespace aquatic::server {
namespace {

constexpr std::uint32_t kShardCount = 1024;
constexpr std::uint32_t kWorkerCount = 3;  // Not a power of two, so that the modulo is seen.

// Three sockets of one reuseport group on loopback with the program attached, and a sender.
class Steering : public testing::TestWithParam<int> {
 protected:
  void SetUp() override {
    for (int& fd : workers_) fd = bind_worker();
    const auto program = steering_program(hasher_, kShardCount, kWorkerCount);
    const sock_fprog attached = {static_cast<unsigned short>(program.size()),
                                 const_cast<sock_filter*>(program.data())};
    ASSERT_EQ(
        setsockopt(workers_[0], SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &attached, sizeof attached),
        0)
        << std::strerror(errno);
    sender_ = socket(GetParam(), SOCK_DGRAM, 0);
    ASSERT_EQ(connect(sender_, reinterpret_cast<sockaddr*>(&address_), length_), 0);
  }

  void TearDown() override {
    for (const int fd : workers_) close(fd);
    close(sender_);
  }

  // The index of the worker that the kernel gives the datagram to. On loopback it is there when
  // send() returns.
  int deliver(Bytes datagram) {
    EXPECT_EQ(send(sender_, datagram.data(), datagram.size(), 0), ssize_t(datagram.size()));
    std::array<std::byte, 2048> buffer;
    for (std::size_t i = 0; i < workers_.size(); ++i) {
      if (recv(workers_[i], buffer.data(), buffer.size(), MSG_DONTWAIT) >= 0) return int(i);
    }
    return -1;
  }

  int expected(const InfoHash& info_hash) const {
    return int(hasher_.steer(info_hash) % kShardCount % kWorkerCount);
  }

  InfoHash random_info_hash() {
    InfoHash info_hash;
    for (std::byte& b : info_hash.bytes) b = static_cast<std::byte>(random_());
    return info_hash;
  }

  InfoHashHasher hasher_{42};
  Random random_{7};

 private:
  int bind_worker() {
    const int fd = socket(GetParam(), SOCK_DGRAM, 0);
    const int on = 1;
    EXPECT_EQ(setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on), 0);
    if (length_ == 0) {
      if (GetParam() == AF_INET) {
        auto& v4 = reinterpret_cast<sockaddr_in&>(address_);
        v4.sin_family = AF_INET;
        v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      } else {
        auto& v6 = reinterpret_cast<sockaddr_in6&>(address_);
        v6.sin6_family = AF_INET6;
        v6.sin6_addr = in6addr_loopback;
      }
    }
    EXPECT_EQ(bind(fd, reinterpret_cast<sockaddr*>(&address_),
                   GetParam() == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6)),
              0)
        << std::strerror(errno);
    length_ = sizeof address_;
    getsockname(fd, reinterpret_cast<sockaddr*>(&address_), &length_);
    return fd;
  }

  std::array<int, kWorkerCount> workers_{};
  int sender_ = -1;
  sockaddr_storage address_{};
  socklen_t length_ = 0;
};

TEST_P(Steering, GivesAnnouncesToTheWorkerOfTheirShard) {
  std::array<std::byte, udp::kAnnounceRequestBytes> datagram;
  std::set<int> seen;
  for (int i = 0; i < 300; ++i) {
    udp::AnnounceRequest request;
    request.info_hash = random_info_hash();
    request.port = 1;
    udp::encode(request, datagram);
    const int worker = deliver(datagram);
    ASSERT_EQ(worker, expected(request.info_hash));
    seen.insert(worker);
  }
  EXPECT_EQ(seen.size(), kWorkerCount);
}

TEST_P(Steering, GivesScrapesToTheWorkerOfTheirFirstTorrent) {
  std::array<std::byte, 16 + 3 * InfoHash::kBytes> datagram;
  for (int i = 0; i < 100; ++i) {
    const std::array<InfoHash, 3> hashes = {random_info_hash(), random_info_hash(),
                                            random_info_hash()};
    udp::ScrapeRequest request;
    request.info_hash_bytes = std::as_bytes(std::span(hashes));
    udp::encode(request, datagram);
    ASSERT_EQ(deliver(datagram), expected(hashes[0]));
  }
}

// A load beyond the end of a datagram ends a classic program with 0: the first worker would get
// every short one.
TEST_P(Steering, SpreadsEverythingElse) {
  const std::array<std::byte, 40> zeros{};
  for (const std::size_t bytes : std::initializer_list<std::size_t>{0, 1, 15, 16, 35, 40}) {
    std::set<int> seen;
    for (int i = 0; i < 200; ++i) seen.insert(deliver(std::span(zeros).first(bytes)));
    EXPECT_EQ(seen, (std::set<int>{0, 1, 2})) << bytes << " bytes";
  }
}

// The promise that nobody can aim, where it would be easiest to break: info hashes that differ
// only in a few bits of one word.
TEST(SteeringHash, SpreadsChosenInfoHashes) {
  constexpr std::uint32_t kShards = 256;
  constexpr std::uint32_t kPerShard = 64;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const InfoHashHasher hasher(seed);
    for (std::size_t word = 0; word < InfoHashHasher::kWords; ++word) {
      for (const unsigned shift : {0u, 9u, 18u}) {
        std::array<std::uint32_t, kShards> hits{};
        for (std::uint32_t i = 0; i < kPerShard * kShards; ++i) {
          InfoHash info_hash;
          store_big_endian(info_hash.bytes.data() + 4 * word, i << shift);
          ++hits[hasher.steer(info_hash) % kShards];
        }
        const std::uint32_t most = *std::max_element(hits.begin(), hits.end());
        ASSERT_LT(most, 4 * kPerShard) << "seed " << seed << ", word " << word << ", bit " << shift;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Families, Steering, testing::Values(AF_INET, AF_INET6),
                         [](const auto& param_info) {
                           return param_info.param == AF_INET ? "ipv4" : "ipv6";
                         });

}  // namespace
}  // namespace aquatic::server
