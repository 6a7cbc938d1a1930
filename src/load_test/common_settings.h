// SPDX-License-Identifier: Apache-2.0
// What the settings of all load tests have in common, checked once. Control plane: throws.
#pragma once
#include <stdexcept>
#include <string>
#include <vector>

namespace aquatic::load_test {

inline void refuse(bool is_wrong, const char* sentence) {
  if (is_wrong) throw std::runtime_error(sentence);
}

// Checks the settings duration, summarize_last and warmup; see validate() of a config.
template <class Config>
std::vector<std::string> validate_times(const Config& config) {
  refuse(config.duration > 0 && config.summarize_last > config.duration,
         "summarize_last is longer than duration: lower it or raise duration");
  refuse(config.duration > 0 && config.warmup >= config.duration,
         "warmup is not shorter than duration: lower it or raise duration");
  if (config.duration == 0 && config.summarize_last > 0) {
    return {"summarize_last is ignored without a duration"};
  }
  return {};
}

}  // namespace aquatic::load_test
