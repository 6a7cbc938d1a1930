// SPDX-License-Identifier: Apache-2.0
// The settings of a running tracker: read again at a signal, and adopted where that can be done
// without a restart.
//
// Control plane only.
#pragma once
#include <span>
#include <string_view>
#include <utility>

#include "base/log.h"
#include "config/changes.h"
#include "config/source.h"

namespace aquatic::server {

template <class Config>
class LiveSettings {
 public:
  // `config` is what `source` gave.
  LiveSettings(const Config& config, const config::Source<Config>& source)
      : config_(config), source_(source) {}

  const Config& current() const noexcept { return config_; }

  // Reads the file again and logs what that changes. Returns whether there is anything new. A file
  // that is wrong changes nothing: throws std::runtime_error.
  bool reload() {
    if (!source_.has_file()) return false;
    auto [fresh, notes] = source_.load();
    const config::Changes changes =
        config::adopt(config::describe(config_), config::describe(fresh), fixed_settings(fresh));
    for (const std::string& note : notes) log::warn("{}", note);
    for (const std::string& change : changes.adopted) log::info("{}", change);
    for (const std::string& change : changes.put_off) log::warn("{}", change);
    if (changes.adopted.empty()) return false;
    config_ = std::move(fresh);
    log::configure(config_.log_level, config_.log_format);
    return true;
  }

 private:
  Config config_;
  const config::Source<Config>& source_;
};

}  // namespace aquatic::server
