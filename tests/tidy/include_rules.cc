// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <set>

#include "tests/tidy/pattern.h"
#include "tests/tidy/rules.h"

namespace aquatic::tidy {
namespace {

using Folders = std::set<std::string>;

const Folders kLibraries = {"protocol", "swarm",   "access_list", "metrics",
                            "config",   "process", "net"};

// The star: what a folder of src/ may include, or nothing when it has no place in it.
Folders may_include(const std::string& folder) {
  if (folder == "base") return {"base"};
  if (kLibraries.contains(folder)) return {"base", folder};
  if (folder == "server" || folder == "load_test") {
    Folders all = kLibraries;
    all.insert({"base", folder});
    return all;
  }
  if (folder == "main") return {"base", "config", "process", "server", "load_test", "main"};
  return {};
}

struct Include {
  std::string header;
  std::size_t line;
  bool is_quoted;  // "ours", not <theirs>.
};

std::vector<Include> includes_of(const SourceFile& file) {
  static const Pattern directive("^\\s*#\\s*include\\s*([\"<])([^\">]+)[\">]");
  const std::string code = without_comments(file.text, true);
  std::vector<Include> includes;
  std::size_t number = 0;
  for (const std::string_view line : lines_of(code)) {
    ++number;
    if (const auto match = directive.search(line)) {
      includes.push_back({std::string((*match)[2]), number, (*match)[1] == "\""});
    }
  }
  return includes;
}

std::string at(const SourceFile& file, std::size_t line) {
  return file.path + ":" + std::to_string(line) + ": ";
}

// Where the headers of a library may appear. A path ending in '/' stands for all below it, any
// other for the files that begin with it.
struct Confinement {
  std::string header;
  std::vector<std::string> places;
};

const std::vector<Confinement> kConfinements = {
    {"toml++/", {"src/config/", "tests/config/"}},
    {"liburing.h", {"src/net/uring", "tests/net/uring"}},
    {"openssl/",
     {"src/net/tls", "tests/net/tls", "tests/support/tls", "src/load_test/tls", "bench/tls",
      "bench/handshake"}},
    {"gnutls/", {"bench/tls_gnutls."}},
    {"boost/beast/", {"src/protocol/http/request_head."}},
    {"boost/asio/", {"src/protocol/http/request_head."}},
    {"CLI/", {"src/process/"}},
    {"prometheus/", {"src/server/status/prometheus_text."}},
    {"spdlog/", {"src/base/log."}},
    {"simdjson.h", {"src/protocol/ws/", "tests/protocol/ws/", "fuzz/ws"}},
    {"wslay/", {"tests/protocol/ws/"}},
    {"tl/", {"src/base/expected.h"}},
    {"sodium", {"src/base/", "src/server/udp/connection_ids.", "src/protocol/ws/upgrade."}},
    {"boost/uuid/detail/sha1.hpp", {"src/protocol/ws/upgrade."}},
    {"nlohmann/", {"tests/protocol/ws/", "tests/server/status/", "tests/simulation/ws"}},
    {"boost/unordered/", {"src/access_list/", "src/swarm/", "src/load_test/"}},
    // Text is for the control plane.
    {"fmt/",
     {"src/base/", "src/config/", "src/process/", "src/metrics/", "src/access_list/", "src/net/",
      "src/server/", "src/load_test/", "src/main.cc", "tests/", "bench/"}},
    {"gtest/", {"tests/"}},
    {"gmock/", {"tests/"}},
    {"rapidcheck", {"tests/"}},
    {"benchmark/", {"bench/"}},
};

// The standard library: <vector>; the kernel's and the C library's: <sys/…>, <unistd.h>.
bool is_standard(const std::string& header) {
  return header.find_first_of("./") == std::string::npos;
}

bool is_operating_system(const std::string& header) {
  static const Pattern folders("^(sys|net|netinet|arpa|linux|asm)/");
  static const std::set<std::string> files = {
      "cxxabi.h",  "dirent.h", "endian.h", "errno.h",  "execinfo.h", "fcntl.h", "grp.h",
      "ifaddrs.h", "malloc.h", "netdb.h",  "poll.h",   "pthread.h",  "pwd.h",   "regex.h",
      "sched.h",   "signal.h", "spawn.h",  "stdlib.h", "string.h",   "time.h",  "unistd.h"};
  return files.contains(header) || folders.search(header);
}

const Confinement* confinement_of(const std::string& header) {
  const auto found = std::find_if(
      kConfinements.begin(), kConfinements.end(),
      [&](const Confinement& confinement) { return header.starts_with(confinement.header); });
  return found == kConfinements.end() ? nullptr : &*found;
}

// Follows the includes of `path` and reports the first way back to a file that is being followed.
class CycleSearch {
 public:
  explicit CycleSearch(const SourceTree& tree) {
    for (const SourceFile& file : tree) {
      if (folder_in_src(file.path).empty()) continue;
      for (const Include& include : includes_of(file)) {
        if (include.is_quoted) includes_[file.path].push_back("src/" + include.header);
      }
    }
  }

  Findings search() {
    for (const auto& [path, headers] : includes_) follow(path);
    return std::move(findings_);
  }

 private:
  void follow(const std::string& path) {
    const auto begun = std::find(trail_.begin(), trail_.end(), path);
    if (begun != trail_.end()) return report(begun);
    if (!done_.insert(path).second) return;
    trail_.push_back(path);
    for (const std::string& next : includes_[path]) follow(next);
    trail_.pop_back();
  }

  void report(std::vector<std::string>::const_iterator begun) {
    std::string way;
    for (auto step = begun; step != trail_.end(); ++step) way += *step + " -> ";
    findings_.push_back(way + *begun + ": includes go in a circle; move what both need out");
  }

  std::map<std::string, std::vector<std::string>> includes_;
  std::vector<std::string> trail_;
  std::set<std::string> done_;
  Findings findings_;
};

}  // namespace

Findings check_include_star(const SourceTree& tree) {
  Findings findings;
  for (const SourceFile& file : tree) {
    const std::string folder = folder_in_src(file.path);
    if (!is_cpp(file.path) || folder.empty()) continue;
    const Folders allowed = may_include(folder);
    if (allowed.empty()) {
      findings.push_back(file.path + ": this folder has no place in the include star yet");
    }
    for (const Include& include : includes_of(file)) {
      if (!include.is_quoted) continue;
      if (find_file(tree, "src/" + include.header) == nullptr) {
        findings.push_back(at(file, include.line) + "no file src/" + include.header +
                           "; quotes are for ours, by their path from src/, <> for all others");
      } else if (!allowed.contains(folder_in_src("src/" + include.header))) {
        findings.push_back(at(file, include.line) + folder + " may not include " + include.header +
                           ": libraries include only base, so wire the two in server");
      }
    }
  }
  return findings;
}

Findings check_include_cycles(const SourceTree& tree) { return CycleSearch(tree).search(); }

Findings check_third_party_headers(const SourceTree& tree) {
  Findings findings;
  for (const SourceFile& file : tree) {
    if (!is_cpp(file.path)) continue;
    for (const Include& include : includes_of(file)) {
      const std::string& header = include.header;
      if (include.is_quoted || is_standard(header) || is_operating_system(header)) continue;
      const Confinement* confinement = confinement_of(header);
      if (confinement == nullptr) {
        findings.push_back(at(file, include.line) + "<" + header +
                           "> is of no library that we use; name its places in kConfinements");
        continue;
      }
      const auto& places = confinement->places;
      const bool allowed = std::any_of(places.begin(), places.end(), [&](const auto& place) {
        return file.path.starts_with(place);
      });
      if (!allowed) {
        findings.push_back(at(file, include.line) + "<" + header + "> stays in " + places.front() +
                           "; wrap what you need of it there");
      }
    }
  }
  return findings;
}

Findings check_pure_includes(const SourceTree& tree) {
  static const std::set<std::string> streams_and_clocks = {
      "iostream", "fstream", "sstream", "filesystem", "random", "cstdio", "ctime"};
  Findings findings;
  for (const SourceFile& file : tree) {
    if (!is_pure(file.path)) continue;
    for (const Include& include : includes_of(file)) {
      const bool is_impure = include.is_quoted ? include.header == "base/log.h"
                                               : is_operating_system(include.header) ||
                                                     streams_and_clocks.contains(include.header);
      if (is_impure) {
        findings.push_back(at(file, include.line) + include.header +
                           " has no place in the data plane's pure parts: bytes and `now` come "
                           "in as arguments, bytes go out");
      }
    }
  }
  return findings;
}

}  // namespace aquatic::tidy
