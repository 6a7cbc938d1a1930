// SPDX-License-Identifier: Apache-2.0
// A tracker on the loopback that answers whatever a test wants, right or wrong.
#pragma once
#include <cstddef>
#include <functional>
#include <stop_token>
#include <thread>
#include <vector>

#include "base/endpoint.h"
#include "base/file_descriptor.h"
#include "protocol/udp/request.h"
#include "protocol/udp/response.h"

namespace aquatic::load_test::test {

using Datagram = std::vector<std::byte>;
using Answers = std::vector<Datagram>;

class FakeTracker {
 public:
  // The datagrams to send back. Called by the tracker's thread.
  using Answer = std::function<Answers(const udp::Request&, const Endpoint& source)>;

  explicit FakeTracker(Answer answer, const char* address = "127.0.0.1:0");

  const Endpoint& address() const { return address_; }

 private:
  void serve(const std::stop_token& stop) const;

  Answer answer_;
  FileDescriptor socket_;
  Endpoint address_;
  std::jthread thread_;  // Last, so that it ends before what it uses.
};

// Nobody shares anything: what a right tracker without peers says.
Datagram right_answer(const udp::Request& request);
// The same with other contents of an announce response; to anything else the right answer.
Datagram announce_answer(const udp::Request& request, std::uint32_t seeders, std::uint32_t leechers,
                         const Datagram& peers);

// The peer in wire format.
Datagram wire_peer(const Endpoint& peer);

}  // namespace aquatic::load_test::test
