// SPDX-License-Identifier: Apache-2.0
// The statistics as a web page in a file: one static page without scripts or anything to load.
//
// Control plane only.
#pragma once
#include <optional>
#include <string>
#include <utility>

#include "server/status/figures.h"

namespace aquatic::server {

// The page. Rates are of the time since `before`; null is since the start.
std::string html_report(const Figures& now, const Figures* before);

class HtmlReport {
 public:
  explicit HtmlReport(std::string path) : path_(std::move(path)) {}

  // Replaces the file as a whole. Rates are of the time since the last call. What fails is logged,
  // with the name of the file.
  void write(const Figures& figures);

 private:
  const std::string path_;
  std::optional<Figures> last_;
};

}  // namespace aquatic::server
