// SPDX-License-Identifier: Apache-2.0
// Draws indices with given weights in constant time (the alias method of Walker and Vose).
//
// Immutable, hence safe to share between threads.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "base/random.h"

namespace aquatic::load_test {

class AliasTable {
 public:
  // Requires: at least one weight, fewer than 2^32, none negative, a positive sum.
  explicit AliasTable(std::span<const double> weights);

  // An index, each as likely as its share of the weights.
  std::uint32_t draw(Random& random) const noexcept;

 private:
  // A column of average height: its own index up to `own_share`, another one above.
  struct Column {
    double own_share = 1;
    std::uint32_t other = 0;
  };
  std::vector<Column> columns_;
};

// A number in [0, 1).
double draw_share(Random& random) noexcept;

}  // namespace aquatic::load_test
