// SPDX-License-Identifier: Apache-2.0
// The conformance suite: what every datagram backend does, over every kind of address.
#include "net/datagram_socket.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <deque>
#include <functional>

#include "tests/net/datagram_rig.h"
#include "tests/support/interval_timer.h"
#include "tests/support/udp_client.h"

namespace aquatic::test {
namespace {

using namespace std::chrono_literals;
using net::Datagram;

struct Case {
  std::string backend;
  AddressCase address;
  std::chrono::microseconds nap{0};
};

const std::vector<AddressCase>& address_cases() {
  using enum net::AddressMode;
  static const std::vector<AddressCase> cases = {
      {"v4", "127.0.0.1", "127.0.0.1"},
      {"v6", "::1", "::1"},
      {"mapped", "::", "127.0.0.1", false},
      {"v4_packet_info", "0.0.0.0", "127.0.0.2", true, packet_info},
      {"v6_packet_info", "::", "::1", true, packet_info},
      {"mapped_packet_info", "::", "127.0.0.2", false, packet_info},
  };
  return cases;
}

std::vector<Case> all_cases() {
  std::vector<Case> cases = {{"memory", address_cases()[0]}, {"memory", address_cases()[1]}};
  for (const net::DatagramBackend& backend : net::datagram_backends()) {
    for (const AddressCase& address : address_cases()) {
      cases.push_back({std::string(backend.name), address});
    }
    cases.push_back({std::string(backend.name), address_cases()[0], 100us});
  }
  return cases;
}

std::string name_of(const testing::TestParamInfo<Case>& info) {
  const Case& c = info.param;
  return c.backend + "_" + c.address.name + (c.nap > 0us ? "_nap" : "");
}

class DatagramSocketTest : public testing::TestWithParam<Case> {
 protected:
  // The smallest ring, so that the deeper tests run out of buffers.
  static constexpr std::uint32_t kRingSize = 1;

  void SetUp() override {
    const Case& c = GetParam();
    if (c.backend == "memory") {
      rig_ = make_memory_rig(c.address);
      return;
    }
    const auto backend =
        std::ranges::find(net::datagram_backends(), c.backend, &net::DatagramBackend::name);
    if (const auto works = backend->probe(); !works) GTEST_SKIP() << works.error();
    rig_ = make_kernel_rig(*backend, c.address, {.nap = c.nap, .ring_size = kRingSize});
  }

  net::DatagramSocket& socket() { return rig_->socket(); }
  const net::DatagramCounters& counters() { return socket().counters(); }

  using Handler = std::function<void(Datagram&)>;

  // Runs the loop of a worker until `count` datagrams came.
  void serve(std::size_t count, const Handler& handler) {
    // Each round but those that time out brings one at least.
    for (std::size_t rounds = 0, served = 0; served < count; ++rounds) {
      ASSERT_LT(rounds, 2 * count + 20) << served << " of " << count << " datagrams came";
      const std::span<Datagram> batch = socket().receive(1s);
      ASSERT_LE(batch.size(), net::kMaxBatch);
      for (Datagram& datagram : batch) handler(datagram);
      served += batch.size();
      socket().send(batch);
    }
    socket().flush();
  }

  static void echo(Datagram& datagram) {
    ASSERT_EQ(datagram.response_room.size(), net::kMaxResponseBytes);
    ASSERT_EQ(datagram.response_bytes, 0u);
    const std::size_t length = std::min(datagram.payload.size(), net::kMaxResponseBytes);
    std::ranges::copy(datagram.payload.first(length), datagram.response_room.begin());
    datagram.response_bytes = length;
  }

  // Has `client` ask something answerable and expects that answer as the next: nothing else was
  // answered before, and the socket still works.
  void expect_next_answered(std::size_t client) {
    const auto marker = pattern(77, 4711);
    rig_->send(client, marker);
    serve(1, echo);
    EXPECT_EQ(rig_->receive(client), marker);
  }

  std::unique_ptr<DatagramRig> rig_;
};

// Payloads of every length in turn, from several clients at once, all queued before the socket
// looks: the batches are full where there are enough.
TEST_P(DatagramSocketTest, AnswersEachWithItsOwn) {
  std::uint64_t total = 0;
  std::uint64_t total_bytes = 0;
  for (const std::size_t count : {1u, 2u, 3u, 31u, 32u, 33u, 63u, 64u, 65u, 127u, 128u, 200u}) {
    std::array<std::deque<std::vector<std::byte>>, DatagramRig::kClients> asked;
    for (std::size_t i = 0; i < count; ++i) {
      auto payload = pattern(8 + i * 13 % 1200, total + i);
      total_bytes += payload.size();
      rig_->send(i % DatagramRig::kClients, payload);
      asked[i % DatagramRig::kClients].push_back(std::move(payload));
    }
    serve(count, echo);
    for (std::size_t client = 0; client < asked.size(); ++client) {
      for (const auto& payload : asked[client]) ASSERT_EQ(rig_->receive(client), payload);
    }
    total += count;
  }
  EXPECT_EQ(counters().received, total);
  EXPECT_EQ(counters().received_bytes, total_bytes);
  EXPECT_EQ(counters().sent, total);
  EXPECT_EQ(counters().sent_bytes, total_bytes);
  EXPECT_EQ(counters().receive_errors, 0u);
  EXPECT_EQ(counters().send_errors, 0u);
  EXPECT_EQ(socket().kernel_drops(), 0u);
}

TEST_P(DatagramSocketTest, TellsTheSource) {
  for (std::size_t client = 0; client < DatagramRig::kClients; ++client) {
    rig_->send(client, pattern(20, client));
    serve(1, [&](Datagram& datagram) { EXPECT_EQ(datagram.source, rig_->client(client)); });
  }
}

TEST_P(DatagramSocketTest, ReceivesEveryLengthUpToTheLimit) {
  for (const std::size_t length :
       {std::size_t{0}, std::size_t{1}, net::kMaxRequestBytes - 1, net::kMaxRequestBytes}) {
    const auto payload = pattern(length, length);
    rig_->send(0, payload);
    serve(1, [&](Datagram& datagram) {
      EXPECT_TRUE(std::ranges::equal(datagram.payload, payload)) << length;
    });
  }
  EXPECT_EQ(counters().received, 4u);
  EXPECT_EQ(counters().dropped_truncated, 0u);
}

TEST_P(DatagramSocketTest, DropsWhatIsTooLong) {
  for (const std::size_t excess : {1u, 100u, 10'000u}) {
    rig_->send(0, pattern(net::kMaxRequestBytes + excess, 1));
    rig_->send(1, pattern(30, excess));
    serve(1, echo);
    EXPECT_EQ(rig_->receive(1), pattern(30, excess));
  }
  EXPECT_EQ(counters().dropped_truncated, 3u);
  EXPECT_EQ(counters().received, 3u);
  expect_next_answered(0);
}

TEST_P(DatagramSocketTest, SendsTheLongestResponse) {
  const auto response = pattern(net::kMaxResponseBytes, 5);
  rig_->send(0, pattern(16, 0));
  serve(1, [&](Datagram& datagram) {
    std::ranges::copy(response, datagram.response_room.begin());
    datagram.response_bytes = response.size();
  });
  EXPECT_EQ(rig_->receive(0), response);
}

TEST_P(DatagramSocketTest, SendsNothingWhereTheHandlerDoesNot) {
  for (std::size_t i = 0; i < 10; ++i) rig_->send(0, pattern(40, i));
  std::size_t seen = 0;
  serve(10, [&](Datagram& datagram) {
    if (++seen % 5 == 0) echo(datagram);
  });
  EXPECT_EQ(rig_->receive(0), pattern(40, 4));
  EXPECT_EQ(rig_->receive(0), pattern(40, 9));
  EXPECT_EQ(counters().sent, 2u);
  expect_next_answered(0);
}

TEST_P(DatagramSocketTest, ComesBackEmptyWhenTheTimeIsUp) {
  EXPECT_TRUE(socket().receive(0ms).empty());
  EXPECT_TRUE(socket().receive(1ms).empty());
  EXPECT_TRUE(socket().receive(20ms).empty());
  expect_next_answered(0);
  EXPECT_TRUE(socket().receive(0ms).empty());
  EXPECT_EQ(counters().receive_errors, 0u);
}

TEST_P(DatagramSocketTest, ComesBackEmptyOnASignal) {
  {
    const IntervalTimer timer;
    EXPECT_TRUE(socket().receive(1h).empty());
  }
  EXPECT_EQ(counters().receive_errors, 0u);
  expect_next_answered(0);
}

// More than the backend has buffers for, again and again: it neither loses any nor goes deaf.
TEST_P(DatagramSocketTest, SurvivesADeepQueue) {
  constexpr std::size_t kDeep = 250;
  for (std::size_t round = 0; round < 10; ++round) {
    for (std::size_t i = 0; i < kDeep; ++i) rig_->send(0, pattern(98, i));
    serve(kDeep, echo);
    for (std::size_t i = 0; i < kDeep; ++i) ASSERT_EQ(rig_->receive(0), pattern(98, i));
  }
  EXPECT_EQ(counters().received, 10 * kDeep);
  EXPECT_EQ(counters().send_errors, 0u);
}

// A worker that stops answers what it has in hand.
TEST_P(DatagramSocketTest, FlushSendsWhatWasPutOff) {
  rig_->send(0, pattern(50, 1));
  const std::span<Datagram> batch = socket().receive(10s);
  ASSERT_EQ(batch.size(), 1u);
  echo(batch[0]);
  socket().send(batch);
  socket().flush();
  EXPECT_EQ(rig_->receive(0), pattern(50, 1));
  EXPECT_EQ(counters().sent, 1u);
  EXPECT_EQ(counters().sent_bytes, 50u);
}

// The handler may keep some of a batch to itself.
TEST_P(DatagramSocketTest, SendsAPartOfABatch) {
  for (std::size_t i = 0; i < 5; ++i) rig_->send(0, pattern(50, i));
  for (std::size_t served = 0; served < 5;) {
    const std::span<Datagram> batch = socket().receive(10s);
    ASSERT_FALSE(batch.empty());
    std::ranges::for_each(batch, echo);
    socket().send(batch.last(1));
    served += batch.size();
    if (served == 5) socket().flush();
  }
  for (std::uint64_t i = 0; i < counters().sent; ++i) {
    const auto response = rig_->receive(0);
    EXPECT_EQ(response.size(), 50u);
    if (i + 1 == counters().sent) {
      EXPECT_EQ(response, pattern(50, 4));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(, DatagramSocketTest, testing::ValuesIn(all_cases()), name_of);

}  // namespace
}  // namespace aquatic::test
