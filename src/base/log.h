// SPDX-License-Identifier: Apache-2.0
// The log of the control plane, on stderr. The data plane never logs: it counts.
//
// Thread-safe. Arguments follow {fmt}.
#pragma once
#include <fmt/core.h>

#include <string_view>

namespace aquatic::log {

enum class Level { off, error, warn, info, debug, trace };
enum class Format { text, json };

// Sets what is written from now on. Until then: warnings and errors, as text.
void configure(Level level, Format format);

bool is_enabled(Level level) noexcept;
void write(Level level, std::string_view message);

template <class... Args>
void error(fmt::format_string<Args...> format, Args&&... args) {
  if (is_enabled(Level::error)) {
    write(Level::error, fmt::format(format, std::forward<Args>(args)...));
  }
}

template <class... Args>
void warn(fmt::format_string<Args...> format, Args&&... args) {
  if (is_enabled(Level::warn)) write(Level::warn, fmt::format(format, std::forward<Args>(args)...));
}

template <class... Args>
void info(fmt::format_string<Args...> format, Args&&... args) {
  if (is_enabled(Level::info)) write(Level::info, fmt::format(format, std::forward<Args>(args)...));
}

template <class... Args>
void debug(fmt::format_string<Args...> format, Args&&... args) {
  if (is_enabled(Level::debug)) {
    write(Level::debug, fmt::format(format, std::forward<Args>(args)...));
  }
}

}  // namespace aquatic::log
