// SPDX-License-Identifier: Apache-2.0
#include "load_test/client_stream.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <array>
#include <cerrno>
#include <string>

#include "tests/load_test/stream_tracker.h"
#include "tests/support/certificates.h"

namespace aquatic::load_test {
namespace {

using State = ClientStream::State;
using Status = net::IoResult::Status;
using test::StreamTracker;

// Long enough for the slowest machine under sanitizers; a test that works ends at once.
constexpr int kPatienceMs = 60'000;

StreamTracker::Answer echo(std::string_view input, const Endpoint&) {
  return {.bytes = std::string(input), .is_last = false, .taken = input.size()};
}

StreamTracker::Answer tell_source(std::string_view input, const Endpoint& peer) {
  return {.bytes = peer.ip.to_string(), .is_last = true, .taken = input.size()};
}

// Waits for the next change, as long as it takes.
void wait(const ClientStream& stream, short events) {
  pollfd wanted{.fd = stream.fd(), .events = events, .revents = 0};
  ASSERT_EQ(poll(&wanted, 1, kPatienceMs), 1);
}

State open_fully(ClientStream& stream) {
  while (stream.state() == State::connecting || stream.state() == State::handshaking) {
    wait(stream, stream.state() == State::connecting ? POLLOUT : POLLIN);
    stream.advance();
    if (stream.state() == State::handshaking) stream.advance();
  }
  return stream.state();
}

// All that comes until the other end closes or `bytes` are there.
std::string receive(ClientStream& stream, std::size_t bytes) {
  std::string text;
  std::array<std::byte, 4096> room;
  while (text.size() < bytes) {
    const net::IoResult result = stream.receive(room);
    text += as_text(Bytes(room).first(result.bytes));
    if (result.status == Status::closed || result.status == Status::failed) break;
    if (result.status == Status::wants_read && text.size() < bytes) wait(stream, POLLIN);
  }
  return text;
}

class ClientStreamTest : public testing::TestWithParam<bool> {
 protected:
  ClientStreamTest() {
    if (!GetParam()) return;
    certificates.make_self_signed("tracker");
    tls = net::TlsContext::load(certificates.path("tracker.pem"), certificates.path("tracker.key"),
                                nullptr);
  }
  TlsClient* client_tls() { return GetParam() ? &client : nullptr; }

  aquatic::test::Certificates certificates;
  std::shared_ptr<const net::TlsContext> tls;
  TlsClient client{TlsClient::Options{}};
};

INSTANTIATE_TEST_SUITE_P(PlainAndTls, ClientStreamTest, testing::Bool(),
                         [](const auto& which) { return which.param ? "Tls" : "Plain"; });

TEST_P(ClientStreamTest, CarriesBytesBothWays) {
  const StreamTracker tracker(echo, tls);
  ClientStream stream;
  ASSERT_TRUE(stream.open(tracker.address(), std::nullopt, client_tls()));
  ASSERT_EQ(open_fully(stream), State::open);
  EXPECT_FALSE(stream.is_resumed());
  for (const std::string_view text : {"one", "two", "three"}) {
    EXPECT_EQ(stream.send(as_bytes(text)).status, Status::done);
    EXPECT_EQ(receive(stream, text.size()), text);
  }
  stream.close();
  EXPECT_EQ(stream.state(), State::closed);
}

TEST_P(ClientStreamTest, ComesFromItsSource) {
  const StreamTracker tracker(tell_source, tls);
  ClientStream stream;
  for (const char* source : {"127.0.0.7", "127.0.0.8"}) {
    ASSERT_TRUE(stream.open(tracker.address(), IpAddress::parse(source), client_tls()));
    ASSERT_EQ(open_fully(stream), State::open);
    stream.send(as_bytes("?"));
    EXPECT_EQ(receive(stream, 100), source);
    stream.close();
  }
}

TEST_P(ClientStreamTest, SeesTheEnd) {
  const StreamTracker tracker(tell_source, tls);
  ClientStream stream;
  ASSERT_TRUE(stream.open(tracker.address(), std::nullopt, client_tls()));
  ASSERT_EQ(open_fully(stream), State::open);
  stream.send(as_bytes("?"));
  EXPECT_EQ(receive(stream, 9), "127.0.0.1");
  std::array<std::byte, 1> room;
  net::IoResult result = stream.receive(room);
  while (result.status == Status::wants_read) {
    wait(stream, POLLIN);
    result = stream.receive(room);
  }
  EXPECT_EQ(result.status, Status::closed);
}

TEST(ClientStream, NobodyThereIsAFailure) {
  ClientStream stream;
  if (stream.open(*Endpoint::parse("127.0.0.1:9"), std::nullopt, nullptr)) {
    EXPECT_EQ(open_fully(stream), State::closed);
  }
  EXPECT_EQ(stream.state(), State::closed);
}

TEST(ClientStream, ASourceThatIsNotOursIsRefused) {
  ClientStream stream;
  EXPECT_FALSE(
      stream.open(*Endpoint::parse("127.0.0.1:9"), IpAddress::parse("192.0.2.1"), nullptr));
  EXPECT_EQ(errno, EADDRNOTAVAIL);
}

TEST(ClientStream, AServerWithoutTlsFailsTheHandshake) {
  const StreamTracker tracker(echo);
  TlsClient client(TlsClient::Options{});
  ClientStream stream;
  ASSERT_TRUE(stream.open(tracker.address(), std::nullopt, &client));
  EXPECT_EQ(open_fully(stream), State::closed);
}

}  // namespace
}  // namespace aquatic::load_test
