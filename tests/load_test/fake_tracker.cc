// SPDX-License-Identifier: Apache-2.0
#include "tests/load_test/fake_tracker.h"

#include <poll.h>
#include <signal.h>
#include <sys/socket.h>

#include <array>
#include <utility>

#include "base/check.h"
#include "net/socket_address.h"

namespace aquatic::load_test::test {
namespace {

constexpr int kLookForStopMs = 20;
constexpr std::size_t kMaxDatagramBytes = 2048;

template <class Message>
Datagram encoded(const Message& message) {
  Datagram out(kMaxDatagramBytes);
  out.resize(udp::encode(message, out));
  return out;
}

}  // namespace

FakeTracker::FakeTracker(Answer answer, const char* address) : answer_(std::move(answer)) {
  const auto wanted = net::to_socket_address(*Endpoint::parse(address));
  socket_ = FileDescriptor(::socket(wanted.any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  CHECK(bind(socket_.get(), &wanted.any, net::length_of(wanted)) == 0);
  net::SocketAddress bound{.v6 = {}};
  socklen_t length = sizeof(bound);
  CHECK(getsockname(socket_.get(), &bound.any, &length) == 0);
  address_ = net::to_endpoint(bound);
  thread_ = std::jthread([this](const std::stop_token& stop) { serve(stop); });
}

void FakeTracker::serve(const std::stop_token& stop) const {
  sigset_t all;  // Signals are the business of what is tested.
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
  std::array<std::byte, kMaxDatagramBytes> buffer;
  while (!stop.stop_requested()) {
    pollfd wanted{.fd = socket_.get(), .events = POLLIN, .revents = 0};
    if (poll(&wanted, 1, kLookForStopMs) <= 0) continue;
    net::SocketAddress from{.v6 = {}};
    socklen_t length = sizeof(from);
    const ssize_t bytes =
        recvfrom(socket_.get(), buffer.data(), buffer.size(), 0, &from.any, &length);
    if (bytes < 0) continue;
    const auto request = udp::decode_request(Bytes(buffer).first(static_cast<std::size_t>(bytes)));
    CHECK(request.has_value());  // The generator never sends nonsense.
    for (const Datagram& answer : answer_(*request, net::to_endpoint(from))) {
      sendto(socket_.get(), answer.data(), answer.size(), 0, &from.any, length);
    }
  }
}

Datagram right_answer(const udp::Request& request) {
  if (const auto* connect = std::get_if<udp::ConnectRequest>(&request)) {
    return encoded(udp::ConnectResponse{.transaction_id = connect->transaction_id,
                                        .connection_id = 0x0123456789abcdef});
  }
  if (const auto* scrape = std::get_if<udp::ScrapeRequest>(&request)) {
    const Datagram zeros(scrape->size() * udp::kTorrentScrapeBytes);
    return encoded(
        udp::ScrapeResponse{.transaction_id = scrape->transaction_id, .torrents = zeros});
  }
  return announce_answer(request, 0, 0, {});
}

Datagram announce_answer(const udp::Request& request, std::uint32_t seeders, std::uint32_t leechers,
                         const Datagram& peers) {
  const auto* announce = std::get_if<udp::AnnounceRequest>(&request);
  if (!announce) return right_answer(request);
  return encoded(udp::AnnounceResponse{.transaction_id = announce->transaction_id,
                                       .interval_s = 900,
                                       .leechers = leechers,
                                       .seeders = seeders,
                                       .peers = peers});
}

Datagram wire_peer(const Endpoint& peer) {
  const auto ip = peer.ip.bytes();
  Datagram bytes(ip.begin(), ip.end());
  bytes.resize(ip.size() + sizeof(peer.port));
  store_big_endian(bytes.data() + ip.size(), peer.port);
  return bytes;
}

}  // namespace aquatic::load_test::test
