// SPDX-License-Identifier: Apache-2.0
#include "base/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <memory>

#include "base/json.h"

namespace aquatic::log {
namespace {

std::atomic<Level> g_level = Level::warn;
std::atomic<Format> g_format = Format::text;

spdlog::level::level_enum spdlog_level(Level level) {
  switch (level) {
    case Level::off: return spdlog::level::off;
    case Level::error: return spdlog::level::err;
    case Level::warn: return spdlog::level::warn;
    case Level::info: return spdlog::level::info;
    case Level::debug: return spdlog::level::debug;
    case Level::trace: return spdlog::level::trace;
  }
  return spdlog::level::off;
}

spdlog::logger& logger() {
  static const std::shared_ptr<spdlog::logger> instance = [] {
    auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    auto made = std::make_shared<spdlog::logger>("aquatic", std::move(sink));
    made->set_level(spdlog::level::trace);  // is_enabled() decides.
    made->flush_on(spdlog::level::trace);
    made->set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %l %v");
    return made;
  }();
  return *instance;
}

}  // namespace

void configure(Level level, Format format) {
  g_level = level;
  g_format = format;
  logger().set_pattern(format == Format::json
                           ? R"({"time":"%Y-%m-%dT%H:%M:%S.%e%z","level":"%l","message":"%v"})"
                           : "%Y-%m-%dT%H:%M:%S.%e%z %l %v");
}

bool is_enabled(Level level) noexcept { return level <= g_level.load(std::memory_order_relaxed); }

void write(Level level, std::string_view message) {
  const spdlog::string_view_t text(message.data(), message.size());
  if (g_format == Format::json) {
    logger().log(spdlog_level(level), escape_json(message));
  } else {
    logger().log(spdlog_level(level), text);
  }
}

}  // namespace aquatic::log
