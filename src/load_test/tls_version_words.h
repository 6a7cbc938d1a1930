// SPDX-License-Identifier: Apache-2.0
// How settings call the versions of TLS.
#pragma once
#include <array>
#include <string_view>

#include "config/types.h"
#include "load_test/tls_client.h"

template <>
inline constexpr std::array<std::string_view, 2>
    aquatic::config::kWords<aquatic::load_test::TlsVersion> = {"1.2", "1.3"};
