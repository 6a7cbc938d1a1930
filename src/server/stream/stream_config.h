// SPDX-License-Identifier: Apache-2.0
// What the settings of stream_network.def need: the words of their values, and what may be wrong
// with them.
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "protocol/http/forwarded.h"
#include "protocol/http/header_list.h"
#include "server/config.h"

namespace aquatic::server {

// How a proxy says who asks: see http::ForwardedFormat.
enum class ProxyHeaderFormat : std::uint8_t { last_address, rfc7239 };

inline http::ForwardedFormat forwarded_format(ProxyHeaderFormat format) {
  return format == ProxyHeaderFormat::rfc7239 ? http::ForwardedFormat::rfc7239
                                              : http::ForwardedFormat::address_list;
}

// Throws std::runtime_error with one sentence on what to change.
template <class Config>
void refuse_stream_contradictions(const Config& config) {
  const auto& network = config.network;
  refuse_if(network.enable_tls && network.tls_certificate_path.empty(),
            "network.tls_certificate_path is empty, but network.enable_tls needs the file");
  refuse_if(network.enable_tls && network.tls_private_key_path.empty(),
            "network.tls_private_key_path is empty, but network.enable_tls needs the file");
  const bool trusts_nobody = network.trusted_proxies.networks.empty();
  refuse_if(network.runs_behind_reverse_proxy && trusts_nobody,
            "network.trusted_proxies is empty, but network.runs_behind_reverse_proxy needs to know "
            "whom to believe");
  refuse_if(network.proxy_protocol && trusts_nobody,
            "network.trusted_proxies is empty, but network.proxy_protocol needs to know whom to "
            "believe");
  refuse_if(network.runs_behind_reverse_proxy && network.reverse_proxy_ip_header_name.empty(),
            "network.reverse_proxy_ip_header_name is empty, but network.runs_behind_reverse_proxy "
            "needs the header");
}

template <class Config>
void add_stream_notes(const Config& config, std::string_view plain_scheme, Notes& notes) {
  const auto& network = config.network;
  const bool has_files =
      !network.tls_certificate_path.empty() || !network.tls_private_key_path.empty();
  // Files from before 2023-10, when the original served nothing but TLS, look like this.
  notes.add(!network.enable_tls && has_files,
            "network.enable_tls is false: certificate and key are ignored, and " +
                std::string(plain_scheme) + " is served");
  // Two settings that belong together and whose defaults are the other way's.
  const bool is_rfc7239 = network.reverse_proxy_ip_header_format == ProxyHeaderFormat::rfc7239;
  const bool has_rfc7239_name =
      http::equals_ignoring_case(network.reverse_proxy_ip_header_name, "Forwarded");
  notes.add(network.runs_behind_reverse_proxy && is_rfc7239 != has_rfc7239_name,
            "network.reverse_proxy_ip_header_name and network.reverse_proxy_ip_header_format do "
            "not look as if they belonged together: rfc7239 is the format of Forwarded");
}

}  // namespace aquatic::server

template <>
inline constexpr std::array<std::string_view, 2>
    aquatic::config::kWords<aquatic::server::ProxyHeaderFormat> = {"last_address", "rfc7239"};
