// SPDX-License-Identifier: Apache-2.0
#include "server/status/status_publisher.h"

#include <utility>

#include "server/status/opentracker_texts.h"
#include "server/status/stats_json.h"

namespace aquatic::server {

void StatusPublisher::publish(const Figures& figures, std::string metrics,
                              const SwarmCensus::Ranking* ranking, History::Time now) {
  history_.add(figures, now);
  renew_history();
  auto pages = std::make_shared<StatusPages>();
  pages->json = make_stats_json(figures, history_.last());
  pages->metrics = std::move(metrics);
  pages->event = make_stats_event(figures, history_.last());
  pages->opentracker = make_opentracker_texts(figures, ranking);
  pages->names_torrents = ranking != nullptr;
  pages->history = history_texts_;
  pages_.replace(std::move(pages));
  subscribers_.nudge();
}

void StatusPublisher::renew_history() {
  const auto renew = [this](HistoryRange range) {
    history_texts_[static_cast<std::size_t>(range)] =
        std::make_shared<const std::string>(make_history_json(history_.points(range)));
  };
  renew(HistoryRange::minutes);
  const std::uint64_t samples = history_.sample_count();
  if (samples == written_samples_) return;
  renew(HistoryRange::hour);
  // Its points are means of several samples; before there is the first, there is nothing to see.
  if (samples / History::kSamplesPerDayPoint != written_samples_ / History::kSamplesPerDayPoint) {
    renew(HistoryRange::day);
  }
  written_samples_ = samples;
}

}  // namespace aquatic::server
