// SPDX-License-Identifier: Apache-2.0
#include "server/operation.h"

#include <fmt/format.h>

#include <chrono>
#include <string>

#include "base/log.h"
#include "process/entry.h"

namespace aquatic::server {

void Operation::run(const std::function<void()>& reload_settings) {
  for (const auto& service : services_) service->start(threads_);
  std::string urls;
  for (const auto& service : services_) urls += service->urls();
  process::print(urls);
  log::info("serving with {} workers", threads_.size());
  process::run_control_loop(signals_, threads_,
                            {.on_tick = [this] { tick(); },
                             .on_reload =
                                 [&] {
                                   reload_settings();
                                   reload_files();
                                 }});
  signals_.let_stop_signals_kill();
  threads_.stop();
  log::info("stopped");
}

void Operation::tick() {
  tracker_.tick();
  for (const auto& service : services_) service->tick();
  if (tracker_.is_report_due()) print_statistics();
}

void Operation::set_options(const TrackerOptions& tracker, StatusOptions status) {
  tracker_.set_options(tracker);
  status_options_ = std::move(status);
}

// Each file may be bad while the others are good.
void Operation::reload_files() {
  tracker_.try_reload_access_list();
  for (const auto& service : services_) service->reload_files();
}

void Operation::print_statistics() {
  const auto now = std::chrono::steady_clock::now();
  process::print(
      fmt::format("access list entries: {}\n", tracker_.access_list().current()->size()));
  for (const auto& service : services_) process::print(service->report(now));
}

}  // namespace aquatic::server
