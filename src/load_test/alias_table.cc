// SPDX-License-Identifier: Apache-2.0
#include "load_test/alias_table.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "base/check.h"

namespace aquatic::load_test {

AliasTable::AliasTable(std::span<const double> weights) : columns_(weights.size()) {
  CHECK(!weights.empty() && weights.size() < std::numeric_limits<std::uint32_t>::max());
  CHECK(std::ranges::all_of(weights, [](double weight) { return weight >= 0; }));
  const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
  CHECK(sum > 0);

  // Columns below the average height are filled up from those above it until all are level.
  std::vector<double> heights(weights.size());
  std::vector<std::uint32_t> low;
  std::vector<std::uint32_t> high;
  for (std::uint32_t i = 0; i < weights.size(); ++i) {
    heights[i] = weights[i] / sum * static_cast<double>(weights.size());
    (heights[i] < 1 ? low : high).push_back(i);
  }
  while (!low.empty() && !high.empty()) {
    const std::uint32_t to = low.back();
    const std::uint32_t from = high.back();
    low.pop_back();
    columns_[to] = {.own_share = heights[to], .other = from};
    heights[from] -= 1 - heights[to];
    if (heights[from] < 1) {
      high.pop_back();
      low.push_back(from);
    }
  }
  // What is left over is level but for rounding: these columns keep their own index.
}

std::uint32_t AliasTable::draw(Random& random) const noexcept {
  const std::uint32_t index = random.below(static_cast<std::uint32_t>(columns_.size()));
  const Column& column = columns_[index];
  return draw_share(random) < column.own_share ? index : column.other;
}

double draw_share(Random& random) noexcept {
  return static_cast<double>(random() >> 11) * 0x1p-53;  // As many bits as a double holds.
}

}  // namespace aquatic::load_test
