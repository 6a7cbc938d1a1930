// SPDX-License-Identifier: Apache-2.0
// What a service finds where it is put: the swarm, the board, and sockets that systemd has opened.
//
// Control plane. All of it outlives the services.
#pragma once
#include "net/inherited_sockets.h"
#include "server/status/status_board.h"
#include "server/tracker.h"

namespace aquatic::server {

struct Surroundings {
  Tracker& tracker;
  StatusBoard& status;
  net::InheritedSockets& sockets;
};

}  // namespace aquatic::server
