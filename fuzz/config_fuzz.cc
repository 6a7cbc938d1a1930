// SPDX-License-Identifier: Apache-2.0
// Loads any text as the settings of each program, over their defaults. What loads is printed,
// loads again without a word and is then the same; what does not says where it is wrong.
#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/check.h"
#include "config/load.h"
#include "config/print.h"
#include "load_test/http_load_test_config.h"
#include "load_test/udp_load_test_config.h"
#include "load_test/ws_load_test_config.h"
#include "server/http/http_config.h"
#include "server/udp/udp_config.h"
#include "server/ws/ws_config.h"

namespace aquatic::server {
namespace {

template <class Config>
std::vector<std::string> load(std::string_view toml, Config& config) {
  return config::load_toml(toml, "fuzz.toml", config::describe(config), old_keys(config));
}

// They are not printed.
void forget_secrets(UdpConfig& config) { config.protocol.connection_secret = {}; }
template <class Config>
void forget_secrets(Config&) {}

template <class Config>
void check_printed(Config config) {
  forget_secrets(config);
  for (const auto comments : {config::Comments::with, config::Comments::without}) {
    const std::string printed = config::to_toml(config, comments);
    Config again;
    CHECK(load(printed, again).empty());
    CHECK(config::to_toml(again, comments) == printed);
  }
}

template <class Config>
void check(std::string_view toml) {
  Config config;
  try {
    for (const std::string& note : load(toml, config)) CHECK(note.starts_with("fuzz.toml:"));
  } catch (const config::LoadError& error) {
    CHECK(!error.faults().empty());
    for (const std::string& fault : error.faults()) CHECK(fault.starts_with("fuzz.toml:"));
    return;
  }
  check_printed(config);
}

}  // namespace
}  // namespace aquatic::server

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = aquatic::as_text(std::as_bytes(std::span(data, size)));
  aquatic::server::check<aquatic::server::UdpConfig>(text);
  aquatic::server::check<aquatic::server::HttpConfig>(text);
  aquatic::server::check<aquatic::server::WsConfig>(text);
  aquatic::server::check<aquatic::load_test::UdpLoadTestConfig>(text);
  aquatic::server::check<aquatic::load_test::HttpLoadTestConfig>(text);
  aquatic::server::check<aquatic::load_test::WsLoadTestConfig>(text);
  return 0;
}
