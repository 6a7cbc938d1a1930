// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/simulated_network.h"

#include <algorithm>

namespace aquatic::simulation {

void SimulatedNetwork::send(const Endpoint& source, const Endpoint& destination, Bytes payload,
                            Milliseconds now) {
  const unsigned copies = random_.below(100) < faults_.duplication_percent ? 2 : 1;
  for (unsigned i = 0; i < copies; ++i) {
    if (random_.below(100) < faults_.loss_percent) continue;
    const auto spread =
        static_cast<std::uint32_t>(faults_.greatest_delay_ms - faults_.least_delay_ms + 1);
    in_flight_.push({.at = now + faults_.least_delay_ms + random_.below(spread),
                     .order = sent_++,
                     .source = source,
                     .destination = destination,
                     .payload = {payload.begin(), payload.end()}});
  }
}

bool SimulatedNetwork::take(Milliseconds now, Delivery& delivery) {
  if (in_flight_.empty() || in_flight_.top().at > now) return false;
  delivery = in_flight_.top();
  in_flight_.pop();
  return true;
}

SimulatedSocket::SimulatedSocket(SimulatedNetwork& network, const Endpoint& local,
                                 std::uint64_t seed)
    : network_(network), local_(local), random_(seed) {}

void SimulatedSocket::deliver(Delivery&& delivery) { arrived_.push(std::move(delivery)); }

std::span<net::Datagram> SimulatedSocket::receive(std::chrono::milliseconds) noexcept {
  const std::size_t most = 1 + random_.below(net::kMaxBatch);
  const std::size_t count = std::min(most, arrived_.size());
  at_hand_.clear();
  for (std::size_t i = 0; i < count; ++i) {
    at_hand_.push_back(std::move(arrived_.front()));
    arrived_.pop();
  }
  for (std::size_t i = 0; i < count; ++i) {
    batch_[i] = {.source = at_hand_[i].source,
                 .payload = at_hand_[i].payload,
                 .response_room = rooms_[i],
                 .response_bytes = 0};
    ++counters_.received;
    counters_.received_bytes += at_hand_[i].payload.size();
  }
  return std::span(batch_).first(count);
}

void SimulatedSocket::send(std::span<net::Datagram> batch) noexcept {
  for (const net::Datagram& datagram : batch) {
    if (datagram.response_bytes == 0) continue;
    const Bytes response = datagram.response_room.first(datagram.response_bytes);
    network_.send(local_, datagram.source, response, now_);
    ++counters_.sent;
    counters_.sent_bytes += response.size();
  }
}

}  // namespace aquatic::simulation
