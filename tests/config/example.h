// SPDX-License-Identifier: Apache-2.0
// Settings to test the machinery with.
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "config/settings.h"

namespace aquatic::example {

enum class Colour : std::uint8_t { red, green, blue };

#define SETTINGS_STRUCT Config
#define SETTINGS_FILE "tests/config/example.def"
#include "config/declare.inc"

}  // namespace aquatic::example

template <>
inline constexpr std::array<std::string_view, 3> aquatic::config::kWords<aquatic::example::Colour> =
    {"red", "green", "blue"};
