// SPDX-License-Identifier: Apache-2.0
#include "server/stream/stream_figures.h"

namespace aquatic::server {
namespace {

struct Trouble {
  std::string_view name;
  std::string_view help;
  StreamMetric metric;
};

constexpr Trouble kTroubles[] = {
    {"tcp_refused_connections", "Connections above a limit of connections.", StreamMetric::refused},
    {"tcp_accept_failures", "Connections for which the system had no descriptor or memory.",
     StreamMetric::accept_failures},
    {"tcp_resets", "Connections broken by the peer, or by the network.", StreamMetric::resets},
    {"tcp_input_overflows", "Connections closed because of requests that were too long.",
     StreamMetric::input_overflows},
    {"tcp_bad_proxy_headers", "Connections of trusted proxies without a valid PROXY header.",
     StreamMetric::bad_proxy_headers},
    {"tls_failed_handshakes", "TLS handshakes that failed.", StreamMetric::failed_handshakes},
    {"tls_handshake_timeouts", "TLS handshakes that took too long.",
     StreamMetric::handshake_timeouts},
    {"tcp_request_timeouts", "Requests that took too long to arrive.",
     StreamMetric::message_timeouts},
    {"tcp_response_timeouts", "Responses that took too long to be received.",
     StreamMetric::write_timeouts},
    {"tcp_undelivered_messages", "Messages to connections that were gone.",
     StreamMetric::undelivered},
};

}  // namespace

void add_figures(const StreamMetrics& metrics, std::uint32_t number, Figures& figures) {
  using enum StreamMetric;
  figures.streams.push_back({.worker = number,
                             .open = metrics.get(open),
                             .accepted = metrics.get(accepted),
                             .received_bytes = metrics.get(received_bytes),
                             .sent_bytes = metrics.get(sent_bytes),
                             .handshakes = metrics.get(handshakes),
                             .resumed_handshakes = metrics.get(resumed_handshakes)});
  for (const Trouble& trouble : kTroubles) {
    figures.add_trouble(trouble.name, trouble.help, metrics.get(trouble.metric));
  }
}

}  // namespace aquatic::server
