// SPDX-License-Identifier: Apache-2.0
// The UDP tracker proper: datagrams and `now` in, responses out.
//
// It does no I/O, reads no clock, logs nothing and throws nothing; given the same batches, times,
// swarm and seed it writes the same bytes. Only the swarm and the counters change.
//
// To an address that has not echoed a valid connection id it never sends more bytes than it got.
// Each worker owns one.
#pragma once
#include <span>

#include "access_list/access_list.h"
#include "base/random.h"
#include "net/datagram_socket.h"
#include "protocol/udp/request.h"
#include "server/status/client_sampler.h"
#include "server/udp/connection_ids.h"
#include "server/udp/udp_metrics.h"
#include "swarm/swarm.h"

namespace aquatic::server {

struct UdpHandlerOptions {
  std::uint32_t announce_interval_s = 900;
  std::size_t max_response_peers = 30;  // Also given where the client leaves it to us.
  std::size_t max_scrape_torrents = udp::kMaxScrapeTorrents;  // The rest of a scrape is left out.
};

class UdpHandler {
 public:
  // `swarm`, `access_list`, `metrics` and `clients` have to outlive the handler. `clients` sees who
  // announces, if there is one.
  UdpHandler(const UdpHandlerOptions& options, swarm::Swarm& swarm,
             const access_list::Holder& access_list, const ConnectionIds& connection_ids,
             std::uint64_t seed, UdpMetrics& metrics, ClientSampler* clients = nullptr);

  // Options that were read again. Between two batches.
  void set_options(const UdpHandlerOptions& options) noexcept { options_ = options; }

  // Answers every datagram of the batch that deserves it: fills its response room and sets
  // response_bytes. Each pass over the batch starts the memory accesses that the next one needs.
  // Requires: at most net::kMaxBatch datagrams, their response rooms of net::kMaxResponseBytes.
  void handle(std::span<net::Datagram> batch, Seconds now) noexcept;

 private:
  // An announce that has passed every check, waiting for its torrent to reach the cache.
  struct PendingAnnounce {
    net::Datagram* datagram;
    swarm::TorrentKey torrent;
    swarm::Announcement announcement;
    udp::TransactionId transaction_id;
    std::size_t peers_wanted;
  };
  struct PendingScrape {
    net::Datagram* datagram;
    udp::ScrapeRequest request;
  };

  void decode(net::Datagram& datagram, const access_list::AccessList& access_list,
              Seconds now) noexcept;
  void accept(net::Datagram& datagram, const udp::ConnectRequest& request) noexcept;
  void accept(net::Datagram& datagram, const udp::AnnounceRequest& request,
              const access_list::AccessList& access_list, Seconds now) noexcept;
  void accept(net::Datagram& datagram, const udp::ScrapeRequest& request) noexcept;
  void refuse(net::Datagram& datagram, const udp::RequestError& error) noexcept;

  void answer(const PendingAnnounce& pending, Seconds now) noexcept;
  void answer(const PendingScrape& pending, const access_list::AccessList& access_list) noexcept;
  void answer_error(net::Datagram& datagram, udp::TransactionId transaction_id,
                    std::string_view message) noexcept;
  void finish(net::Datagram& datagram, std::size_t response_bytes, UdpMetric response) noexcept;

  bool has_valid_id(const net::Datagram& datagram, udp::ConnectionId id) noexcept;
  std::size_t peers_wanted(const udp::AnnounceRequest& request, Family family) const noexcept;

  UdpHandlerOptions options_;
  swarm::Swarm& swarm_;
  access_list::Reader access_list_;
  ConnectionIds connection_ids_;
  Random random_;
  UdpMetrics& metrics_;
  ClientSampler* const clients_;

  // Of the batch at hand; the first `…_count_` entries count.
  std::array<PendingAnnounce, net::kMaxBatch> announces_;
  std::array<PendingScrape, net::kMaxBatch> scrapes_;
  std::size_t announce_count_ = 0;
  std::size_t scrape_count_ = 0;
};

}  // namespace aquatic::server
