// SPDX-License-Identifier: Apache-2.0
// What the printed reports say of surveys: peers per torrent, and clients. Nothing where they are
// off.
//
// Control plane only.
#pragma once
#include <string>

#include "server/status/figures.h"

namespace aquatic::server {

void append_surveys(std::string& report, const Figures& figures);

}  // namespace aquatic::server
