// SPDX-License-Identifier: Apache-2.0
// Makes the status pages once a second, and tells those who watch the live page that there are new
// ones. Keeps the history.
//
// Control plane; what it lends to handlers they may use on their own threads. Outlives them.
#pragma once
#include <cstdint>
#include <memory>
#include <string>

#include "access_list/access_list.h"
#include "base/snapshot.h"
#include "net/mailbox.h"
#include "server/status/figures.h"
#include "server/status/history.h"
#include "server/status/status_pages.h"
#include "server/status/status_responder.h"
#include "server/status/subscribers.h"
#include "server/status/swarm_census.h"

namespace aquatic::server {

class StatusPublisher {
 public:
  // What it lends to handlers on.
  StatusPublisher(const swarm::Swarm& swarm, const access_list::Holder& access_list)
      : swarm_(swarm), access_list_(access_list) {}
  StatusPublisher(const StatusPublisher&) = delete;
  StatusPublisher& operator=(const StatusPublisher&) = delete;

  // To be called once a second. `metrics` is for Prometheus, ready to be sent. `ranking` is null
  // where the operator does not allow torrents to be named.
  void publish(const Figures& figures, std::string metrics, const SwarmCensus::Ranking* ranking,
               History::Time now);

  // What the handler of the worker with this mailbox needs.
  StatusSource source(net::Mailbox& inbox, bool serves_metrics) noexcept {
    return {pages_, subscribers_, inbox, swarm_, access_list_, serves_metrics};
  }
  const Subscribers& subscribers() const noexcept { return subscribers_; }
  const Snapshot<StatusPages>& pages() const noexcept { return pages_; }

 private:
  // Writes the ranges of the history again that have changed.
  void renew_history();

  const swarm::Swarm& swarm_;
  const access_list::Holder& access_list_;
  History history_;
  std::uint64_t written_samples_ = 0;
  decltype(StatusPages::history) history_texts_;
  Snapshot<StatusPages> pages_{std::make_shared<StatusPages>()};
  Subscribers subscribers_;
};

}  // namespace aquatic::server
