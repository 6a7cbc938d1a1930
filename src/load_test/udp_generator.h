// SPDX-License-Identifier: Apache-2.0
// One worker of the UDP load test: sends requests, checks the responses and counts both.
//
// Each of its sockets speaks for a share of the simulated peers. In a closed loop a socket keeps a
// number of requests outstanding, in an open loop requests leave when they are due. A socket gets
// its first connection id before anything else, and a new one before that can have expired.
#pragma once
#include <poll.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <vector>

#include "base/endpoint.h"
#include "base/file_descriptor.h"
#include "base/random.h"
#include "load_test/datagram_batch.h"
#include "load_test/generator.h"
#include "load_test/load_tally.h"
#include "load_test/outstanding_requests.h"
#include "load_test/pace.h"
#include "load_test/population.h"
#include "load_test/torrent_tally.h"
#include "load_test/udp_load_test_config.h"
#include "load_test/udp_response_check.h"

namespace aquatic::load_test {

class UdpGenerator final : public Generator {
 public:
  // Opens the sockets; throws std::runtime_error. `per_torrent` may be null. Borrows everything.
  // Requires: a config that validate() accepts, and index < config.workers.
  UdpGenerator(const UdpLoadTestConfig& config, const Population& population, std::uint32_t index,
               TorrentTally* per_torrent);
  UdpGenerator(const UdpGenerator&) = delete;
  UdpGenerator& operator=(const UdpGenerator&) = delete;

  void run(const std::stop_token& stop) override;

  const LoadTally& tally() const noexcept override { return tally_; }
  std::uint64_t kernel_drops() const noexcept override;

 private:
  // A socket, its connection id and its peers.
  struct Lane {
    FileDescriptor socket;
    IpAddress source;  // As the tracker sees it.
    std::optional<udp::ConnectionId> connection_id;
    std::uint64_t connect_due_ns = 0;  // When to ask for a connection id.
    std::size_t outstanding = 0;
    // Positions in the population; every lane of all workers has each so many-th peer.
    std::size_t first_peer = 0;
    std::size_t next_peer = 0;
  };

  // What requests_ has.
  struct Written {
    udp::TransactionId transaction_id;
    udp::Action action;
  };

  bool receive(Lane& lane);
  void handle(Lane& lane, Bytes datagram, std::uint64_t now_ns);
  void accept(Lane& lane, const SentRequest& request, const udp::Response& response,
              std::uint64_t now_ns);
  void count_response(const SentRequest& request, const udp::Response& response);
  UdpExpectation expectation_of(const Lane& lane, const SentRequest& request) const noexcept;
  void give_up_lost(std::uint64_t now_ns);

  bool send_due(std::uint64_t now_ns);
  bool send_paced(std::uint64_t now_ns);
  // How many requests a lane may send without a pace.
  std::size_t room_of(const Lane& lane, std::uint64_t now_ns) const noexcept;
  // Sends up to `wanted` requests and returns how many.
  std::size_t send(Lane& lane, std::size_t wanted, std::uint64_t now_ns);
  std::size_t flush(Lane& lane);
  SentRequest choose(Lane& lane, std::uint64_t due_ns, std::uint64_t now_ns);
  std::size_t encode(const Lane& lane, const SentRequest& request, udp::TransactionId id,
                     MutableBytes out);
  std::size_t encode_announce(const Lane& lane, const SentRequest& request, udp::TransactionId id,
                              MutableBytes out);
  std::size_t encode_scrape(const Lane& lane, const SentRequest& request, udp::TransactionId id,
                            MutableBytes out);
  void wait(std::uint64_t now_ns) noexcept;

  void count(LoadCount what, std::uint64_t n = 1) noexcept { tally_.counts.add(what, n); }
  void count(Fault fault) noexcept { tally_.faults.add(fault); }

  const UdpLoadTestConfig& config_;
  const Population& population_;
  TorrentTally* per_torrent_;
  std::uint64_t timeout_ns_;
  Random random_;
  std::vector<Lane> lanes_;
  OutstandingRequests outstanding_;
  std::optional<Pace> pace_;  // In an open loop, once every lane has a connection id.
  std::size_t next_lane_ = 0;
  std::uint64_t responses_checked_ = 0;
  SendBatch requests_;
  std::vector<Written> written_;  // Of requests_.
  ReceiveBatch responses_;
  std::vector<pollfd> poll_;  // One a lane.
  LoadTally tally_;
};

}  // namespace aquatic::load_test
