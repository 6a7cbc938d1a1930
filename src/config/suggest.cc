// SPDX-License-Identifier: Apache-2.0
#include "config/suggest.h"

#include <algorithm>
#include <vector>

namespace aquatic::config {
namespace {

constexpr std::size_t kCharactersPerEdit = 3;
// No setting has a longer name; whatever is longer is no slip of one.
constexpr std::size_t kMaxNameLength = 100;

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b) {
  // distance[i][j] is that of the first i characters of a and the first j of b.
  std::vector distance(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) distance[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) distance[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = distance[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
      distance[i][j] = std::min({replaced, distance[i - 1][j] + 1, distance[i][j - 1] + 1});
      const bool is_swap = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (is_swap) distance[i][j] = std::min(distance[i][j], distance[i - 2][j - 2] + 1);
    }
  }
  return distance[a.size()][b.size()];
}

std::string_view suggest(std::string_view name, std::span<const std::string_view> candidates) {
  if (name.size() > kMaxNameLength) return {};
  std::string_view nearest;
  std::size_t nearest_distance = name.size() / kCharactersPerEdit + 1;
  for (const std::string_view candidate : candidates) {
    const std::size_t distance = edit_distance(name, candidate);
    if (distance >= nearest_distance) continue;
    nearest = candidate;
    nearest_distance = distance;
  }
  return nearest;
}

}  // namespace aquatic::config
