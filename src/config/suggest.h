// SPDX-License-Identifier: Apache-2.0
// "Did you mean …?"
#pragma once
#include <cstddef>
#include <span>
#include <string_view>

namespace aquatic::config {

// How many characters have to be added, removed, replaced or swapped with their neighbour to make
// one text of the other (optimal string alignment). Takes time and space in the product of both
// lengths: for names, not for texts.
std::size_t edit_distance(std::string_view a, std::string_view b);

// The candidate that `name` is most likely a slip of, or an empty text if none is near: one edit
// for each three characters is.
std::string_view suggest(std::string_view name, std::span<const std::string_view> candidates);

}  // namespace aquatic::config
