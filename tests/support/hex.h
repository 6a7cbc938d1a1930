// SPDX-License-Identifier: Apache-2.0
// Bytes written out by hand, for golden tests.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/check.h"

namespace aquatic::test {

// The bytes of pairs of hexadecimal digits; blanks between pairs are for the reader.
inline std::vector<std::byte> hex(std::string_view text) {
  std::vector<std::byte> bytes;
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] == ' ') {
      ++i;
      continue;
    }
    CHECK(i + 1 < text.size());
    bytes.push_back(static_cast<std::byte>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16)));
    i += 2;
  }
  return bytes;
}

}  // namespace aquatic::test
