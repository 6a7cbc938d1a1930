// SPDX-License-Identifier: Apache-2.0
#include "tests/support/memory_datagram_socket.h"

#include <utility>

#include "base/check.h"

namespace aquatic::test {

void MemoryDatagramSocket::push(const Endpoint& source, Bytes payload) {
  arrived_.push_back({source, {payload.begin(), payload.end()}});
}

std::span<net::Datagram> MemoryDatagramSocket::receive(std::chrono::milliseconds) noexcept {
  std::size_t count = 0;
  for (std::size_t i = 0; i < net::kMaxBatch && !arrived_.empty(); ++i) {
    if (take(std::move(arrived_.front()), count)) ++count;
    arrived_.pop_front();
  }
  return std::span(batch_).first(count);
}

bool MemoryDatagramSocket::take(MemoryDatagram datagram, std::size_t slot) {
  if (datagram.payload.size() > net::kMaxRequestBytes) {
    ++counters_.dropped_truncated;
    return false;
  }
  if (datagram.peer.port == 0) {
    ++counters_.dropped_port_zero;
    return false;
  }
  requests_[slot] = std::move(datagram.payload);
  batch_[slot] = {datagram.peer, requests_[slot], responses_[slot], 0};
  ++counters_.received;
  counters_.received_bytes += requests_[slot].size();
  return true;
}

void MemoryDatagramSocket::send(std::span<net::Datagram> batch) noexcept {
  for (const net::Datagram& datagram : batch) {
    CHECK(datagram.response_bytes <= datagram.response_room.size());
    if (datagram.response_bytes == 0) continue;
    if (unreachable_.contains(datagram.source)) {
      ++counters_.send_errors;
      continue;
    }
    const Bytes response = datagram.response_room.first(datagram.response_bytes);
    sent_.push_back({datagram.source, {response.begin(), response.end()}});
    ++counters_.sent;
    counters_.sent_bytes += response.size();
  }
}

}  // namespace aquatic::test
