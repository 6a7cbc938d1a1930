// SPDX-License-Identifier: Apache-2.0
// What became of the settings that aquatic_http had in 2020 to 2026 and has no more.
#include <vector>

#include "server/http/http_config.h"
#include "server/old_keys.h"

namespace aquatic::server {
namespace {

using config::Keys;

// Both were about connections without requests.
Keys idle_limit_of_age(const Keys& file) {
  return {{"cleaning.max_connection_idle", file.at("cleaning.max_connection_age")}};
}

const std::vector<config::OldKey> kOldKeys = with_old_stream_keys({
    // 60 was the default.
    {"cleaning.connection_cleaning_interval",
     "idle connections are closed when it is time; remove it", nullptr, std::int64_t{60}},
    {"cleaning.max_connection_age", "use cleaning.max_connection_idle", idle_limit_of_age},
});

}  // namespace

std::span<const config::OldKey> old_keys(const HttpConfig&) { return kOldKeys; }

}  // namespace aquatic::server
