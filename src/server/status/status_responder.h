// SPDX-License-Identifier: Apache-2.0
// Answers whoever asks what the tracker does: the live page, its events, and the same figures for
// programs. Part of a handler of HTTP requests, which gives it the paths that it answers and the
// streams whose memo is its own.
//
//   /stats            the page, or what opentracker answers with ?mode=…; /stats/page.css, .js
//   /stats.json       everything, for programs
//   /stats/history    ?range=minutes, hour or day
//   /stats/events     server-sent events, one each second
//   /metrics          for Prometheus
//
// What is long leaves in pieces, each when the one before it has left, so that nobody makes a
// worker hold more than a piece for him. Does no I/O, reads no clock, throws nothing. Belongs to
// one worker.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "access_list/access_list.h"
#include "base/snapshot.h"
#include "net/mailbox.h"
#include "net/stream_handler.h"
#include "protocol/http/request_head.h"
#include "protocol/http/response_head.h"
#include "protocol/http/target.h"
#include "server/status/status_full_scrape.h"
#include "server/status/status_pages.h"
#include "server/status/subscribers.h"
#include "swarm/swarm.h"

namespace aquatic::server {

// What it takes to answer. All of it outlives the responder.
struct StatusSource {
  const Snapshot<StatusPages>& pages;  // Never null.
  Subscribers& subscribers;
  net::Mailbox& inbox;  // Of the worker.
  const swarm::Swarm& swarm;
  const access_list::Holder& access_list;
  bool serves_metrics = true;  // Else /metrics is unknown.
};

class StatusResponder {
 public:
  // Bodies that are on their way in pieces at once; who comes when there are more is asked to come
  // back.
  static constexpr std::size_t kMaxTransfers = 64;
  static constexpr std::size_t kPieceBytes = 16 * 1024;

  StatusResponder(const StatusSource& source, bool keeps_alive)
      : source_(source),
        pages_(source.pages),
        access_list_(source.access_list),
        keeps_alive_(keeps_alive) {}
  StatusResponder(const StatusResponder&) = delete;
  StatusResponder& operator=(const StatusResponder&) = delete;

  // Whether requests for this path are its.
  bool answers(std::string_view path) const noexcept;
  // Answers a GET or HEAD. Where the memo of the turn is its own afterwards, the stream is to be
  // left to handle() until it is 0 again.
  void answer(net::StreamTurn& turn, const http::RequestHead& request,
              const http::Target& target) noexcept;

  // Whether a memo is a responder's.
  static bool is_memo(std::uint64_t memo) noexcept;
  void handle(net::StreamTurn& turn) noexcept;
  // Requires: is_memo(memo).
  void forget(std::uint64_t memo) noexcept;

 private:
  struct Answer {
    http::StatusCode status = http::StatusCode::ok;
    std::string_view content_type = "text/plain; charset=utf-8";
    std::string_view body = {};
    std::string_view further_lines = {};
  };
  // The rest of a body, and what keeps it.
  struct Transfer {
    std::shared_ptr<const StatusPages> pages;  // Null is a free place.
    std::string_view rest;
    bool is_last = false;  // The connection closes behind it.
  };

  Answer answer_to(const http::RequestHead& request, const http::Target& target) noexcept;
  Answer stats(const http::RequestHead& request, std::string_view query) noexcept;
  Answer opentracker(std::string_view mode) noexcept;
  Answer history(std::string_view query) noexcept;
  void send(net::StreamTurn& turn, const http::RequestHead& request, const Answer& answer) noexcept;
  void begin_transfer(net::StreamTurn& turn, const http::RequestHead& request,
                      const Answer& answer) noexcept;
  void continue_transfer(net::StreamTurn& turn) noexcept;
  void begin_full_scrape(net::StreamTurn& turn, const http::RequestHead& request,
                         std::string_view query) noexcept;
  void continue_full_scrape(net::StreamTurn& turn, StatusFullScrape scrape) noexcept;
  void subscribe(net::StreamTurn& turn, const http::RequestHead& request) noexcept;
  void handle_subscriber(net::StreamTurn& turn) noexcept;
  void refuse_for_now(net::StreamTurn& turn, const http::RequestHead& request) noexcept;

  const StatusSource source_;
  SnapshotReader<StatusPages> pages_;
  access_list::Reader access_list_;
  const bool keeps_alive_;
  std::array<Transfer, kMaxTransfers> transfers_;
};

}  // namespace aquatic::server
