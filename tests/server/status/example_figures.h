// SPDX-License-Identifier: Apache-2.0
// Figures with all that can be in them, made by hand: two workers of UDP, one of HTTP and
// WebTorrent, both families.
#pragma once
#include "server/status/figures.h"

namespace aquatic::server {

Figures example_figures();

}  // namespace aquatic::server
