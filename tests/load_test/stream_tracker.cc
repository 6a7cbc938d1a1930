// SPDX-License-Identifier: Apache-2.0
#include "tests/load_test/stream_tracker.h"

#include <poll.h>
#include <signal.h>
#include <sys/socket.h>

#include <array>
#include <list>
#include <optional>
#include <utility>
#include <vector>

#include "net/socket_address.h"
#include "net/stream_socket.h"

namespace aquatic::load_test::test {
namespace {

using Status = net::IoResult::Status;

constexpr int kLookForStopMs = 20;

struct Connection {
  net::StreamSocket socket;
  Endpoint peer;
  std::string input;
  bool is_open = true;
  bool is_ready = false;  // The handshake, if there is one, is done.
};

std::optional<Connection> accept_at(int listener, const net::TlsContext* tls) {
  net::SocketAddress from{.v6 = {}};
  socklen_t length = sizeof(from);
  const int fd = accept4(listener, &from.any, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd < 0) return std::nullopt;
  Connection connection{
      .socket = net::StreamSocket(FileDescriptor(fd)), .peer = net::to_endpoint(from), .input = {}};
  if (tls != nullptr) connection.socket.start_tls(*tls);
  connection.is_ready = tls == nullptr;
  return connection;
}

void receive(Connection& connection) {
  std::array<std::byte, 16 * 1024> room;
  for (;;) {
    const net::IoResult result = connection.socket.receive(room);
    connection.input += as_text(Bytes(room).first(result.bytes));
    if (result.status == Status::done) continue;
    connection.is_open = result.status == Status::wants_read;
    return;
  }
}

void answer(Connection& connection, const StreamTracker::Behaviour& behaviour) {
  while (connection.is_open && !connection.input.empty()) {
    const StreamTracker::Answer next = behaviour(connection.input, connection.peer);
    connection.input.erase(0, next.taken);
    if (!next.bytes.empty()) connection.socket.send(as_bytes(next.bytes));
    if (next.is_last) connection.socket.close();
    connection.is_open = !next.is_last;
    if (next.taken == 0) return;
  }
}

}  // namespace

StreamTracker::StreamTracker(Behaviour behaviour, std::shared_ptr<const net::TlsContext> tls,
                             const char* address)
    : behaviour_(std::move(behaviour)),
      tls_(std::move(tls)),
      listeners_(net::open_tcp_listeners({.address = *Endpoint::parse(address)})),
      thread_([this](const std::stop_token& stop) { serve(stop); }) {}

void StreamTracker::serve(const std::stop_token& stop) {
  sigset_t all;  // Signals are the business of what is tested.
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
  std::list<Connection> connections;
  while (!stop.stop_requested()) {
    std::vector<pollfd> wanted{{listeners_.sockets[0].get(), POLLIN, 0}};
    for (const Connection& connection : connections) {
      wanted.push_back({connection.socket.fd(), POLLIN, 0});
    }
    if (poll(wanted.data(), wanted.size(), kLookForStopMs) <= 0) continue;
    std::size_t i = 1;
    for (Connection& connection : connections) {
      if (wanted[i++].revents == 0) continue;
      if (!connection.is_ready) {
        const Status status = connection.socket.handshake().status;
        connection.is_open = status == Status::done || status == Status::wants_read;
        connection.is_ready = status == Status::done;
        if (connection.is_ready) resumed_ += connection.socket.is_resumed();
      }
      if (connection.is_ready) receive(connection);
      answer(connection, behaviour_);
    }
    connections.remove_if([](const Connection& connection) { return !connection.is_open; });
    while (auto accepted = accept_at(listeners_.sockets[0].get(), tls_.get())) {
      ++connections_;
      connections.push_back(std::move(*accepted));
    }
  }
}

}  // namespace aquatic::load_test::test
