// SPDX-License-Identifier: Apache-2.0
#include "server/web/web_service.h"

#include <utility>

#include "base/random.h"
#include "server/http/http_figures.h"
#include "server/http/http_handler.h"
#include "server/status/peers_per_torrent.h"
#include "server/ws/ws_figures.h"
#include "server/ws/ws_handler.h"

namespace aquatic::server {
namespace {

std::shared_ptr<const WebHandlerOptions> handler_options(const WebServiceOptions& options) {
  return std::make_shared<WebHandlerOptions>(WebHandlerOptions{
      options.http, options.web_torrent ? options.web_torrent->handler : WsHandlerOptions()});
}

}  // namespace

WebService::WebService(WebServiceOptions options, const Surroundings& surroundings)
    : options_(std::move(options)),
      handler_options_(handler_options(options_)),
      tracker_(surroundings.tracker),
      status_(surroundings.status),
      streams_(options_.streams, &surroundings.sockets) {
  if (options_.web_torrent) offers_.emplace(options_.web_torrent->swarm);
  for (std::size_t i = 0; i < streams_.worker_count(); ++i) {
    metrics_.push_back(std::make_unique<Metrics>());
    ClientCensus* const clients = status_.clients();
    if (clients == nullptr) continue;
    if (options_.http.serves_announces) {
      metrics_.back()->http_clients = &clients->add_sampler(tracker_.max_peer_age_s());
    }
    if (offers_) {
      const Seconds ws_age = options_.web_torrent->swarm.max_peer_age_s;
      metrics_.back()->ws_clients = &clients->add_sampler(ws_age);
    }
  }
}

void WebService::set_options(const WebServiceOptions& options) {
  handler_options_.replace(handler_options(options));
  streams_.set_options(options.streams);
}

void WebService::start(process::Workers& threads) {
  streams_.start(threads, tracker_.clock(),
                 [this](net::Outbox& outbox) { return make_handler(outbox); });
}

std::unique_ptr<net::StreamHandler> WebService::make_handler(net::Outbox& outbox) {
  Metrics& metrics = *metrics_[outbox.own_number()];
  HttpHandler::Others others;
  if (offers_) {
    others.upgrades =
        std::make_unique<WsHandler>(options_.web_torrent->handler, *offers_, tracker_.access_list(),
                                    outbox, secret_seed(), metrics.ws, metrics.ws_clients);
  }
  others.clients = metrics.http_clients;
  if (options_.serves_status) {
    others.status.emplace(status_.publisher().source(outbox.inbox(), options_.serves_metrics));
  }
  auto handler =
      std::make_unique<HttpHandler>(options_.http, tracker_.swarm(), tracker_.access_list(),
                                    secret_seed(), metrics.http, std::move(others));
  return std::make_unique<WebHandler>(std::move(handler), handler_options_, metrics.http,
                                      metrics.ws, status_.timing());
}

std::string WebService::urls() const {
  std::string urls;
  if (options_.http.serves_announces) urls += streams_.urls("http", "/announce");
  if (offers_) urls += streams_.urls("ws", "");
  return urls;
}

void WebService::tick() {
  streams_.tick();
  if (!offers_) return;
  const auto list = tracker_.access_list().current();
  offers_->expire_some(tracker_.clock().now(),
                       [&](const InfoHash& info_hash) { return list->allows(info_hash); });
}

void WebService::reload_files() { streams_.reload_tls(); }

void WebService::collect(Figures& figures) const {
  streams_.collect(figures);
  for (std::uint32_t i = 0; i < metrics_.size(); ++i) {
    if (options_.http.serves_announces) add_figures(metrics_[i]->http, i, figures);
    if (offers_) add_figures(metrics_[i]->ws, i, figures);
  }
  collect_latencies(
      Protocol::http, metrics_, [](const auto& worker) -> auto& { return worker->http.latency; },
      figures);
  collect_latencies(
      Protocol::ws, metrics_, [](const auto& worker) -> auto& { return worker->ws.latency; },
      figures);
  if (!offers_) return;
  for (const Family family : {Family::ipv4, Family::ipv6}) {
    const offers::Totals totals = offers_->totals(family);
    SwarmFigures swarm{.kind = SwarmKind::webtorrent,
                       .family = family,
                       .torrents = totals.torrents,
                       .peers = totals.peers,
                       .seeders = totals.seeders};
    set_peers_per_torrent(swarm, offers_->torrent_sizes(family));
    figures.swarms.push_back(swarm);
    figures.memory.push_back(
        {family == Family::ipv4 ? "webtorrent_ipv4" : "webtorrent_ipv6", totals.memory_bytes});
  }
}

std::string WebService::report(std::chrono::steady_clock::time_point now) {
  std::string text;
  if (options_.http.serves_announces) {
    std::vector<const HttpMetrics*> metrics;
    for (const auto& worker : metrics_) metrics.push_back(&worker->http);
    // Whoever comes over IPv4 may be, or speak for, a peer of IPv6, and the other way round.
    const std::array families = {FamilyTotals{Family::ipv4, tracker_.swarm().totals(Family::ipv4)},
                                 FamilyTotals{Family::ipv6, tracker_.swarm().totals(Family::ipv6)}};
    text += http_statistics_.report(metrics, families, now);
  }
  if (offers_) {
    std::vector<const WsMetrics*> metrics;
    for (const auto& worker : metrics_) metrics.push_back(&worker->ws);
    const auto totals_of = [this](Family family) {
      const offers::Totals totals = offers_->totals(family);
      return FamilyTotals{family, {totals.torrents, totals.peers}};
    };
    const std::array families = {totals_of(Family::ipv4), totals_of(Family::ipv6)};
    text += ws_statistics_.report(metrics, families, now);
  }
  stream_statistics_.append(text, streams_.sums(), now);
  return text;
}

}  // namespace aquatic::server
