// SPDX-License-Identifier: Apache-2.0
#include "server/operation.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <exception>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/log.h"
#include "process/entry.h"
#include "server/status/status_service.h"

namespace aquatic::server {

Operation::Operation(const TrackerOptions& options, StatusOptions status_options)
    : sockets_(net::InheritedSockets::from_environment()),
      tracker_(options),
      status_(std::move(status_options), tracker_) {
  if (const auto& address = status_.options().address) {
    add(std::make_unique<StatusService>(*address, tracker_.clock(), status_.publisher(), sockets_));
  }
}

void Operation::run(const std::function<void()>& reload_settings) {
  sockets_.refuse_rest();
  status_.start(threads_);
  for (const auto& service : services_) service->start(threads_);
  status_.tick(services_);  // So that whoever comes at once finds something.
  std::string urls;
  for (const auto& service : services_) urls += service->urls();
  process::print(urls);
  log::info("serving with {} workers", threads_.size());
  process::run_control_loop(
      signals_, threads_,
      {.on_tick = [this] { tick(); }, .on_reload = [&] { reload(reload_settings); }});
  signals_.let_stop_signals_kill();
  threads_.stop();
  log::info("stopped");
}

void Operation::set_options(const TrackerOptions& tracker, const StatusOptions& status) {
  tracker_.set_options(tracker);
  status_.set_options(status);
}

void Operation::tick() {
  tracker_.tick();
  for (const auto& service : services_) service->tick();
  status_.tick(services_);
}

// Each file may be bad while the others are good. Throws what there is to say of the bad ones.
void Operation::reload(const std::function<void()>& reload_settings) {
  std::vector<std::string> faults;
  const auto attempt = [&faults](std::string_view what_stays, const auto& step) {
    try {
      step();
    } catch (const std::exception& error) {
      faults.push_back(fmt::format("{}: {}", what_stays, error.what()));
    }
  };
  attempt("the settings stay as they were", reload_settings);
  attempt("the access list stays as it was", [this] { tracker_.reload_access_list(); });
  for (const auto& service : services_) {
    attempt("certificate and key stay as they were", [&service] { service->reload_files(); });
  }
  if (!faults.empty()) throw std::runtime_error(fmt::to_string(fmt::join(faults, "; ")));
}

}  // namespace aquatic::server
