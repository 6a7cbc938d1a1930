// SPDX-License-Identifier: Apache-2.0
// What little JSON the control plane writes.
#pragma once
#include <string>
#include <string_view>

namespace aquatic {

// The text as the inside of a JSON string (RFC 8259 §7). Requires: UTF-8.
std::string escape_json(std::string_view text);

}  // namespace aquatic
