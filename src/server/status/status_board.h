// SPDX-License-Identifier: Apache-2.0
// All that tells what a tracker does: pages and metrics, printed and written reports, the census of
// clients, the export of counts. It is given the services once a second and asks them.
//
// Control plane. Outlives the services, whose workers use what it lends.
#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "process/workers.h"
#include "server/service.h"
#include "server/status/client_census.h"
#include "server/status/figures.h"
#include "server/status/html_report.h"
#include "server/status/own_process.h"
#include "server/status/scrape_export.h"
#include "server/status/status_options.h"
#include "server/status/status_publisher.h"
#include "server/status/swarm_census.h"
#include "server/tracker.h"

namespace aquatic::server {

class StatusBoard {
 public:
  using Services = std::span<const std::unique_ptr<Service>>;

  // Borrows the tracker.
  StatusBoard(StatusOptions options, Tracker& tracker);
  StatusBoard(const StatusBoard&) = delete;
  StatusBoard& operator=(const StatusBoard&) = delete;

  const StatusOptions& options() const noexcept { return options_; }
  // Settings that were read again: of the reports. The rest stays.
  void set_options(const StatusOptions& options);

  // Whether workers are to measure how long they take.
  Timing timing() const noexcept { return options_.timing(); }
  // Null where clients are not counted. A sampler for each worker is to be added before it starts.
  ClientCensus* clients() noexcept { return clients_ ? &*clients_ : nullptr; }
  // What handlers of the pages need.
  StatusPublisher& publisher() noexcept { return publisher_; }

  // Starts the thread that exports, where there is anything to export.
  void start(process::Workers& threads);
  // To be called once a second.
  void tick(Services services);

  // What is known of everything now.
  Figures collect(Services services) const;

 private:
  bool is_report_due(Seconds now) noexcept;
  void report(Services services, const Figures& figures);
  void collect_swarm(Family family, Figures& figures) const;

  StatusOptions options_;
  Tracker& tracker_;
  StatusPublisher publisher_;
  SwarmCensus swarm_census_;
  std::optional<ClientCensus> clients_;
  std::optional<ScrapeExport> export_;
  std::optional<HtmlReport> html_;
  const OwnProcess process_;
  Seconds reported_at_ = 0;
};

}  // namespace aquatic::server
