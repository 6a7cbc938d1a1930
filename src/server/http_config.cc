// SPDX-License-Identifier: Apache-2.0
#include "server/http_config.h"

#include "protocol/http/header_list.h"

namespace aquatic::server {
namespace {

// Two settings that belong together and whose defaults are the other way's.
bool has_header_of_other_format(const HttpConfig& config) {
  const bool is_rfc7239 =
      config.network.reverse_proxy_ip_header_format == ProxyHeaderFormat::rfc7239;
  return is_rfc7239 !=
         http::equals_ignoring_case(config.network.reverse_proxy_ip_header_name, "Forwarded");
}

}  // namespace

std::vector<std::string> validate(const HttpConfig& config) {
  refuse_contradictions(config);
  const auto& network = config.network;
  const bool has_certificate = !network.tls_certificate_path.empty();
  const bool has_key = !network.tls_private_key_path.empty();
  refuse_if(network.enable_tls && !has_certificate,
            "network.tls_certificate_path is empty, but network.enable_tls needs the file");
  refuse_if(network.enable_tls && !has_key,
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

  Notes notes;
  notes.add_if_peers_go_too_soon(config);
  // Files from before 2023-10, when the original served nothing but HTTPS, look like this.
  notes.add(!network.enable_tls && (has_certificate || has_key),
            "network.enable_tls is false: certificate and key are ignored, and HTTP is served");
  notes.add(network.runs_behind_reverse_proxy && has_header_of_other_format(config),
            "network.reverse_proxy_ip_header_name and network.reverse_proxy_ip_header_format do "
            "not look as if they belonged together: rfc7239 is the format of Forwarded");
  notes.add(config.metrics.run_prometheus_endpoint,
            "metrics.run_prometheus_endpoint is not available yet and ignored");
  return notes.take();
}

}  // namespace aquatic::server
