// SPDX-License-Identifier: Apache-2.0
#include "server/http/http_config.h"

namespace aquatic::server {

std::vector<std::string> validate(const HttpConfig& config) {
  refuse_contradictions(config);
  refuse_stream_contradictions(config);
  Notes notes;
  notes.add_if_peers_go_too_soon(config);
  add_stream_notes(config, "HTTP", notes);
  notes.add(config.metrics.run_prometheus_endpoint,
            "metrics.run_prometheus_endpoint is not available yet and ignored");
  return notes.take();
}

}  // namespace aquatic::server
