// SPDX-License-Identifier: Apache-2.0
// What a UDP tracker has to answer, worked out the slow and obvious way from the requests that
// reached it, and held against what it did answer.
//
// Peers that are older than they may be linger until their shard's turn to be cleaned comes: they
// may or may not be counted. All else has one right answer.
#pragma once
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "net/datagram_socket.h"
#include "protocol/udp/request.h"
#include "protocol/udp/response.h"

namespace aquatic::simulation {

struct EndpointHash {
  std::size_t operator()(const Endpoint& endpoint) const noexcept;
};
struct InfoHashHash {
  std::size_t operator()(const InfoHash& info_hash) const noexcept;
};

class ModelTracker {
 public:
  struct Options {
    Seconds max_connection_age_s;
    Seconds max_peer_age_s;
    Seconds linger_s;  // How much longer a peer may be seen.
    std::size_t max_response_peers;
  };

  explicit ModelTracker(const Options& options) : options_(options) {}

  // Judges the responses of one handled batch.
  void check(std::span<const net::Datagram> batch, Seconds now);

  // What was wrong, the first few; empty is good.
  const std::vector<std::string>& violations() const { return violations_; }
  std::uint64_t announces_answered() const { return announces_answered_; }
  std::uint64_t peers_given() const { return peers_given_; }

 private:
  struct Peer {
    bool seeds = false;
    Seconds seen_at = 0;
  };
  struct Count {
    std::uint32_t least = 0;
    std::uint32_t most = 0;
    bool admits(std::uint32_t n) const { return least <= n && n <= most; }
  };
  struct Torrent {
    std::unordered_map<Endpoint, Peer, EndpointHash> peers;
    Count downloads;
    bool may_be_forgotten = false;  // Once without peers, the tracker may drop the downloads.
  };

  void check_connect(const net::Datagram& datagram, const udp::ConnectRequest& request,
                     Seconds now);
  void check_announce(const net::Datagram& datagram, const udp::AnnounceRequest& request,
                      Seconds now);
  void check_scrape(const net::Datagram& datagram, const udp::ScrapeRequest& request, Seconds now);
  void check_peers(const Torrent& torrent, const Endpoint& self,
                   const udp::AnnounceResponse& answer, std::size_t wanted, Seconds now);
  // False, and a violation where that is wrong, if the tracker kept silent about this id.
  bool was_answered(const net::Datagram& datagram, udp::ConnectionId id, Seconds now);
  Count count(const Torrent& torrent, bool seeds, Seconds now) const;
  bool is_surely_there(const Peer& peer, Seconds now) const;
  bool is_surely_gone(const Peer& peer, Seconds now) const;
  bool is_surely_known(const Torrent& torrent, Seconds now) const;
  Torrent& torrent(const IpAddress& ip, const InfoHash& info_hash);
  void violation(const std::string& what);

  Options options_;
  std::unordered_map<InfoHash, Torrent, InfoHashHash> torrents_[2];  // By family.
  std::unordered_map<std::string, std::unordered_map<udp::ConnectionId, Seconds>> issued_;
  std::vector<std::string> violations_;
  std::uint64_t announces_answered_ = 0;
  std::uint64_t peers_given_ = 0;
};

}  // namespace aquatic::simulation
