// SPDX-License-Identifier: Apache-2.0
#include "server/status/html_report.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <functional>
#include <iterator>
#include <stdexcept>
#include <string_view>

#include "base/file_replacement.h"
#include "base/log.h"
#include "server/report.h"
#include "server/status/figure_rates.h"

namespace aquatic::server {
namespace {

constexpr std::string_view kHead = R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>aquatic: statistics</title>
<style>
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.5rem; }
h2 { font-size: 1.2rem; margin-top: 2rem; }
div { overflow-x: auto; }
table { border-collapse: collapse; }
caption { text-align: left; font-weight: 600; padding: .5rem 0; }
th, td { padding: .2rem .8rem; border-bottom: 1px solid #8884; }
th { text-align: left; white-space: nowrap; }
th[scope="col"] { text-align: right; }
td { text-align: right; font-variant-numeric: tabular-nums; }
</style>
</head>
<body>
<h1>aquatic: statistics</h1>
)";

constexpr std::string_view kNotCounted = "\u2013";

std::string escaped(std::string_view text) {
  std::string html;
  for (const char c : text) {
    switch (c) {
      case '&': html += "&amp;"; break;
      case '<': html += "&lt;"; break;
      case '>': html += "&gt;"; break;
      case '"': html += "&quot;"; break;
      case '\'': html += "&#39;"; break;
      default: html += c;
    }
  }
  return html;
}

// "1,234,567"
std::string grouped(std::uint64_t number) {
  const std::string digits = std::to_string(number);
  std::string text;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) text += ',';
    text += digits[i];
  }
  return text;
}

// "1,234.57"
std::string grouped(double rate) {
  const auto hundredths = static_cast<std::uint64_t>(std::max(0.0, rate) * 100 + 0.5);
  return fmt::format("{}.{:02}", grouped(hundredths / 100), hundredths % 100);
}

class Table {
 public:
  // Of the cells of the head the first is empty.
  Table(std::string& html, std::string_view caption, const std::vector<std::string>& heads)
      : html_(html) {
    html_ += fmt::format("<div><table>\n<caption>{}</caption>\n<tr><th></th>", escaped(caption));
    for (const std::string& head : heads) {
      html_ += fmt::format("<th scope=\"col\">{}</th>", escaped(head));
    }
    html_ += "</tr>\n";
  }
  ~Table() { html_ += "</table></div>\n"; }
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;

  void row(std::string_view name, const std::vector<std::string>& cells) {
    html_ += fmt::format("<tr><th scope=\"row\">{}</th>", escaped(name));
    for (const std::string& cell : cells) html_ += fmt::format("<td>{}</td>", escaped(cell));
    html_ += "</tr>\n";
  }

 private:
  std::string& html_;
};

// What `cell` makes of each of `all`.
template <class All, class Cell>
std::vector<std::string> cells(const All& all, Cell cell) {
  std::vector<std::string> texts;
  for (const auto& one : all) texts.push_back(cell(one));
  return texts;
}

void append_heading(std::string& html, std::string_view text) {
  html += fmt::format("<h2>{}</h2>\n", escaped(text));
}

void append_start(std::string& html, const Figures& figures) {
  const std::tm utc = fmt::gmtime(static_cast<std::time_t>(figures.unix_time_s));
  html +=
      fmt::format("<p>Version {}, up for {} s. As of <time>{:%a, %d %b %Y %H:%M:%S} +0000</time>.",
                  escaped(figures.version), grouped(figures.uptime_s), utc);
  html += fmt::format(" Access list entries: {}.</p>\n", grouped(figures.access_list_entries));
}

void append_traffic(std::string& html, const std::vector<TrafficRates>& rates) {
  if (rates.empty()) return;
  append_heading(html, "Traffic");
  Table table(html, "A second", cells(rates, [](const TrafficRates& of) {
                return fmt::format("{} {}", title_of(of.protocol), name_of(of.family));
              }));
  // UDP counts bytes but not what requests are for, the others the other way round.
  const auto is_udp = [](const TrafficRates& of) { return of.protocol == Protocol::udp; };
  const auto is_not_udp = [](const TrafficRates& of) { return of.protocol != Protocol::udp; };
  const auto is_any = [](const TrafficRates&) { return true; };
  const auto append = [&](std::string_view name, auto is_counted, auto rate_of) {
    table.row(name, cells(rates, [&](const TrafficRates& of) {
                return is_counted(of) ? grouped(rate_of(of)) : std::string(kNotCounted);
              }));
  };
  const auto append_actions = [&](auto is_counted, auto member) {
    for (std::size_t i = 0; i < kActionNames.size(); ++i) {
      const auto rate_of = [&](const TrafficRates& of) { return (of.*member)[i]; };
      const auto has_some = [&](const TrafficRates& of) { return rate_of(of) > 0; };
      // What no protocol looks at tells nothing.
      if (i == static_cast<std::size_t>(Action::any) || std::ranges::none_of(rates, has_some)) {
        continue;
      }
      append(fmt::format("\u2013 {}", kActionNames[i]), is_counted, rate_of);
    }
  };
  append("requests", is_any, std::mem_fn(&TrafficRates::requests));
  append_actions(is_not_udp, &TrafficRates::requests_by_action);
  append("responses", is_any, std::mem_fn(&TrafficRates::responses));
  append_actions(is_any, &TrafficRates::responses_by_action);
  append("Mbit in", is_udp, std::mem_fn(&TrafficRates::received_megabits));
  append("Mbit out", is_udp, std::mem_fn(&TrafficRates::sent_megabits));
}

void append_streams(std::string& html, const Figures& now, const Figures* before) {
  if (now.streams.empty()) return;
  const StreamRates rates = stream_rates(now, before);
  append_heading(html, "Connections");
  Table table(html, "HTTP and WebTorrent", {""});
  table.row("open", {grouped(rates.open)});
  table.row("accepted/s", {grouped(rates.accepted)});
  table.row("Mbit/s in", {grouped(rates.received_megabits)});
  table.row("Mbit/s out", {grouped(rates.sent_megabits)});
  table.row("TLS handshakes/s", {grouped(rates.handshakes)});
  table.row("\u2013 resumed", {grouped(rates.resumed_handshakes)});
}

void append_swarms(std::string& html, const std::vector<SwarmFigures>& swarms) {
  if (swarms.empty()) return;
  append_heading(html, "Torrents");
  const auto title = [](const SwarmFigures& of) {
    return fmt::format("{} {}", title_of(of.kind), name_of(of.family));
  };
  {
    Table table(html, "Now", cells(swarms, title));
    table.row("torrents", cells(swarms, [](const auto& of) { return grouped(of.torrents); }));
    table.row("peers", cells(swarms, [](const auto& of) { return grouped(of.peers); }));
  }
  std::vector<SwarmFigures> counted;
  std::ranges::copy_if(swarms, std::back_inserter(counted), &SwarmFigures::has_histogram);
  if (counted.empty()) return;
  Table table(html, "Peers per torrent", cells(counted, title));
  for (std::size_t i = 0; i < PeersPerTorrent::kNames.size(); ++i) {
    table.row(PeersPerTorrent::kNames[i], cells(counted, [i](const SwarmFigures& of) {
                return grouped(of.peers_per_torrent.peers[i]);
              }));
  }
}

void append_clients(std::string& html, const std::vector<ClientFigures>& clients) {
  if (clients.empty()) return;
  double all = 0;
  for (const ClientFigures& client : clients) all += static_cast<double>(client.peers);
  append_heading(html, "Clients");
  Table table(html, "Estimated from a sample", {"peers", "share"});
  for (const ClientFigures& client : clients) {
    const double share = all > 0 ? static_cast<double>(client.peers) / all : 0;
    table.row(client.name, {grouped(client.peers), fmt::format("{:.1f} %", share * 100)});
  }
}

}  // namespace

std::string html_report(const Figures& now, const Figures* before) {
  std::string html(kHead);
  append_start(html, now);
  append_traffic(html, traffic_rates(now, before));
  append_streams(html, now, before);
  append_swarms(html, now.swarms);
  append_clients(html, now.clients);
  html += "</body>\n</html>\n";
  return html;
}

void HtmlReport::write(const Figures& figures) {
  try {
    FileReplacement file(path_);
    file.append(html_report(figures, last_ ? &*last_ : nullptr));
    // Without a sync: the control loop has no time for the disk, and the next page comes soon.
    file.commit();
  } catch (const std::exception& error) {
    log::error("statistics page: {}", error.what());
  }
  last_ = figures;
}

}  // namespace aquatic::server
