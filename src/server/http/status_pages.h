// SPDX-License-Identifier: Apache-2.0
// What the tracker tells strangers of itself: how many, never which. Made by the control plane,
// served by workers.
#pragma once
#include <string>

namespace aquatic::server {

struct StatusPages {
  std::string json;  // In the shape of bittorrent-tracker.
  std::string html;
};

}  // namespace aquatic::server
