// SPDX-License-Identifier: Apache-2.0
// The HTTP tracker proper: bytes of a stream and `now` in, responses out (RFC 9112). A connection
// that is upgraded to WebSocket it leaves to the WsHandler, if there is one.
//
// It does no I/O, reads no clock, logs nothing and throws nothing; given the same turns, swarm and
// seed it writes the same bytes. Only the swarm and the counters change. Each worker owns one.
//
// A tracker client always gets status 200 and bencode, failures too: libtorrent reads nothing else.
// Whoever is not one gets a status that says what was wrong, and a text.
#pragma once
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "access_list/access_list.h"
#include "base/byte_buffer.h"
#include "base/expected.h"
#include "net/stream_handler.h"
#include "protocol/http/forwarded.h"
#include "protocol/http/request_head.h"
#include "protocol/http/response_head.h"
#include "protocol/ws/upgrade.h"
#include "server/http/http_full_scrape.h"
#include "server/http/http_metrics.h"
#include "server/http/http_options.h"
#include "server/http/http_responder.h"
#include "server/status/client_sampler.h"
#include "server/status/status_responder.h"
#include "server/ws/ws_handler.h"
#include "swarm/swarm.h"

namespace aquatic::server {

class HttpHandler final : public net::StreamHandler {
 public:
  // What is served beside announces and scrapes.
  struct Others {
    std::unique_ptr<WsHandler> upgrades =
        nullptr;                              // Connections that become WebSocket, if any may.
    std::optional<StatusSource> status = {};  // The status pages, if anybody may see them.
    ClientSampler* clients = nullptr;         // Sees who announces over HTTP.
  };

  // `swarm`, `access_list`, `metrics` and what `others` borrow have to outlive the handler.
  HttpHandler(HttpHandlerOptions options, swarm::Swarm& swarm,
              const access_list::Holder& access_list, std::uint64_t seed, HttpMetrics& metrics,
              Others others);
  HttpHandler(HttpHandlerOptions options, swarm::Swarm& swarm,
              const access_list::Holder& access_list, std::uint64_t seed, HttpMetrics& metrics)
      : HttpHandler(std::move(options), swarm, access_list, seed, metrics, Others()) {}
  HttpHandler(const HttpHandler&) = delete;
  HttpHandler& operator=(const HttpHandler&) = delete;

  // Options that were read again, but for what is served and stored. Between two turns.
  void set_options(const HttpHandlerOptions& options);
  // The same for upgraded connections, if there are any.
  void set_options(const WsHandlerOptions& options);

  void handle(net::StreamTurn& turn) noexcept override;
  void forget(std::uint64_t memo) noexcept override;

 private:
  // Whether the stream is not HTTP any more.
  static bool is_upgraded(std::uint64_t memo) noexcept {
    return memo != 0 && !HttpFullScrape::is_memo(memo) && !StatusResponder::is_memo(memo);
  }

  // Answers the requests that have arrived, in their order.
  void handle_requests(net::StreamTurn& turn) noexcept;
  // Answers the one whose head is in `head_`.
  void handle_request(net::StreamTurn& turn) noexcept;
  void handle_upgrade(net::StreamTurn& turn, const ws::Upgrade& upgrade) noexcept;
  void refuse_upgrade(net::StreamTurn& turn, ws::UpgradeError error) noexcept;
  void handle_announce(net::StreamTurn& turn, std::string_view query) noexcept;
  void handle_scrape(net::StreamTurn& turn, std::string_view query) noexcept;
  void begin_full_scrape(net::StreamTurn& turn, Family family) noexcept;
  void continue_full_scrape(net::StreamTurn& turn, HttpFullScrape scrape) noexcept;

  // Who asks: the other end of the connection, or whom a trusted proxy names.
  Expected<IpAddress, http::ForwardedError> source_of(const net::StreamTurn& turn) const noexcept;
  void refuse_source(net::StreamTurn& turn, http::ForwardedError error) noexcept;

  // Answers what is no request that we could answer, and closes.
  void refuse_stream(net::StreamTurn& turn, http::StatusCode status) noexcept;
  // Answers a request that no tracker client sends.
  void refuse_request(net::StreamTurn& turn, http::StatusCode status) noexcept;
  void refuse_request(net::StreamTurn& turn, http::StatusCode status,
                      std::string_view text) noexcept;
  // Sends `body_` as what it counts as.
  void respond(net::StreamTurn& turn, Family family, HttpMetric metric) noexcept;
  void respond(net::StreamTurn& turn, http::ResponseHead response, std::string_view body) noexcept;
  bool is_head_only() const noexcept { return head_.method == "HEAD"; }

  HttpHandlerOptions options_;
  const std::unique_ptr<WsHandler> upgrades_;
  std::optional<StatusResponder> status_;
  swarm::Swarm& swarm_;
  access_list::Reader access_list_;
  HttpResponder responder_;
  HttpMetrics& metrics_;
  http::RequestHead head_;  // Of the request at hand.
  ByteBuffer body_;         // Of the response to it.
};

}  // namespace aquatic::server
