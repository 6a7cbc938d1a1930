// SPDX-License-Identifier: Apache-2.0
#include "server/stream/stream_service.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>

#include <array>
#include <atomic>

#include "tests/support/certificates.h"
#include "tests/support/manual_clock.h"
#include "tests/support/service_socket.h"
#include "tests/support/tcp_peer.h"

namespace aquatic::server {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;
using testing::ThrowsMessage;

StreamServiceOptions options_on_loopback() {
  return {.worker_name = "test",
          .worker_count = 2,
          .addresses = {*Endpoint::parse("127.0.0.1:0")},
          .streams = {.limits = {9, 9, 9, 9, 9, 9}, .proxies = {}}};
}

// Whatever comes is said to the stream that came first, wherever that is.
class RelayHandler final : public net::StreamHandler {
 public:
  struct First {
    std::atomic<bool> is_known = false;
    std::uint32_t worker = 0;
    net::StreamKey stream = 0;
  };

  RelayHandler(net::Outbox& outbox, First& first) : outbox_(outbox), first_(first) {}

  void handle(net::StreamTurn& turn) noexcept override {
    if (turn.event == net::StreamEvent::message) return turn.output.append(turn.message);
    if (turn.event != net::StreamEvent::input) return;
    turn.consumed = turn.input.size();
    if (first_.is_known) return outbox_.post(first_.worker, first_.stream, turn.input);
    first_.worker = outbox_.own_number();
    first_.stream = turn.stream;
    first_.is_known = true;
    turn.output.append("first");
  }

 private:
  net::Outbox& outbox_;
  First& first_;
};

TEST(StreamService, TellsWhereItListens) {
  StreamServiceOptions options = options_on_loopback();
  EXPECT_THAT(StreamService(options).urls("http", "/announce"),
              MatchesRegex("http://127\\.0\\.0\\.1:[1-9][0-9]*/announce\n"));
  const test::Certificates files;
  files.make_self_signed("good");
  options.has_tls = true;
  options.tls_certificate_path = files.path("good.pem");
  options.tls_private_key_path = files.path("good.key");
  EXPECT_THAT(StreamService(options).urls("ws", ""),
              MatchesRegex("wss://127\\.0\\.0\\.1:[1-9][0-9]*\n"));
  options.streams.also_plain = true;
  EXPECT_THAT(
      StreamService(options).urls("ws", ""),
      MatchesRegex("ws://127\\.0\\.0\\.1:([1-9][0-9]*)\nwss://127\\.0\\.0\\.1:[1-9][0-9]*\n"));
  options.has_tls = false;
  EXPECT_THAT(StreamService(options).urls("ws", ""),
              MatchesRegex("ws://127\\.0\\.0\\.1:[1-9][0-9]*\n"));
}

TEST(StreamService, SaysWhatItCannotOpen) {
  StreamServiceOptions options = options_on_loopback();
  options.addresses = {*Endpoint::parse("192.0.2.1:0")};  // RFC 5737: nobody has it.
  EXPECT_THAT([&] { StreamService service(options); },
              ThrowsMessage<std::runtime_error>(HasSubstr("192.0.2.1")));
  options.has_tls = true;
  options.tls_certificate_path = "/nowhere/certificate.pem";
  EXPECT_THAT([&] { StreamService service(options); },
              ThrowsMessage<std::runtime_error>(HasSubstr("/nowhere/certificate.pem")));
}

TEST(StreamService, ListensOnSocketsThatAreOpenAlready) {
  FileDescriptor fd = test::open_service_socket({});
  const std::string address = fmt::format("127.0.0.1:{}", net::bound_port(fd));
  std::vector<net::InheritedSockets::Named> sockets;
  sockets.push_back({std::move(fd), "web"});
  net::InheritedSockets inherited(std::move(sockets));
  StreamServiceOptions options = options_on_loopback();
  options.addresses.push_back(*Endpoint::parse("127.0.0.2:0"));
  const StreamService service(options, &inherited);
  EXPECT_THAT(service.urls("http", ""),
              MatchesRegex("http://" + address + "\nhttp://127.0.0.2:[0-9]+\n"));
  EXPECT_NO_THROW(inherited.refuse_rest());
}

TEST(StreamService, MessagesFindTheirWayBetweenWorkers) {
  StreamService service(options_on_loopback());
  const std::string url = service.urls("", "");
  const Endpoint address = *Endpoint::parse(url.substr(3, url.size() - 4));
  test::ManualClock clock;
  RelayHandler::First first;
  process::Workers threads;
  service.start(threads, clock, [&first](net::Outbox& outbox) {
    return std::make_unique<RelayHandler>(outbox, first);
  });
  test::TcpPeer receiver(address);
  receiver.send("x");
  const auto wait_for = [&](std::size_t bytes) {
    constexpr int kMaxRounds = 60'000;  // Of a millisecond.
    for (int i = 0; i < kMaxRounds && receiver.received().size() < bytes; ++i) {
      poll(nullptr, 0, 1);
    }
    return receiver.take_received();
  };
  EXPECT_EQ(wait_for(5), "first");
  // The kernel spreads connections by their ports: with so many, both workers have some.
  constexpr std::size_t kPeers = 32;
  std::vector<test::TcpPeer> senders;
  for (std::size_t i = 0; i < kPeers; ++i) {
    senders.emplace_back(address);
    senders.back().send("y");
  }
  EXPECT_EQ(wait_for(kPeers), std::string(kPeers, 'y'));
  threads.stop();
  EXPECT_EQ(service.sums().of(StreamMetric::delivered), kPeers);
  EXPECT_EQ(service.sums().of(StreamMetric::accepted), kPeers + 1);
}

}  // namespace
}  // namespace aquatic::server
