// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <set>

#include "tests/tidy/pattern.h"
#include "tests/tidy/rules.h"

namespace aquatic::tidy {
namespace {

// Two files fit side by side on a screen.
constexpr std::size_t kMaxColumns = 100;
// A file is one noun; what is longer than this has always held two.
constexpr std::size_t kMaxLines = 500;
// A header is a contract, to be read whole.
constexpr std::size_t kMaxHeaderLines = 200;

std::string at(const SourceFile& file, std::size_t line) {
  return file.path + ":" + std::to_string(line) + ": ";
}

bool is_script(const SourceFile& file) {
  return file.path.starts_with("scripts/") || file.path.starts_with(".ci/") ||
         file.path.ends_with(".py");
}

bool is_cmake(std::string_view path) {
  return path.ends_with(".cmake") || path.ends_with("CMakeLists.txt");
}

// Characters, not bytes: UTF-8's continuation bytes are 10xxxxxx.
std::size_t width_of(std::string_view line) {
  return static_cast<std::size_t>(std::count_if(
      line.begin(), line.end(), [](char c) { return (static_cast<unsigned char>(c) >> 6) != 2; }));
}

// The lines of `code` in which `pattern` is found: what was found, and where.
struct Match {
  std::string text;
  std::size_t line;
};

std::vector<Match> find_all(const std::string& code, const Pattern& pattern) {
  std::vector<Match> matches;
  std::size_t number = 0;
  for (const std::string_view line : lines_of(code)) {
    ++number;
    if (const auto match = pattern.search(line)) {
      matches.push_back({std::string(match->size() > 1 ? (*match)[1] : match->front()), number});
    }
  }
  return matches;
}

struct Ban {
  Pattern pattern;
  std::string instead;
};

const std::array<Ban, 4>& data_plane_bans() {
  static const std::array<Ban, 4> bans = {{
      {Pattern(R"(\b(throw|try|catch)\b)"), "bad input is normal: return an Expected"},
      {Pattern(R"(\b(log::\w+|printf|fprintf|puts|std::c(out|err|log))\b)"),
       "the data plane does not log: count it"},
      {Pattern(R"(\b(\w*_clock\b|clock_gettime|gettimeofday|SteadyClock|Clock|sleep_\w+)\b)"),
       "time is an argument: take `Seconds now`"},
      {Pattern(R"(\b(secret_seed|fill_secret|random_device|mt19937\w*|rand|getenv)\b)"),
       "same seed, same behaviour: take what varies as an argument"},
  }};
  return bans;
}

}  // namespace

Findings check_licence_lines(const SourceTree& tree) {
  constexpr std::string_view kLicence = "SPDX-License-Identifier: Apache-2.0";
  Findings findings;
  for (const SourceFile& file : tree) {
    if (!is_cpp(file.path) && !is_script(file)) continue;
    const auto lines = lines_of(file.text);
    const std::size_t line = is_script(file) && file.text.starts_with("#!") ? 1 : 0;
    const std::string wanted = (is_cpp(file.path) ? "// " : "# ") + std::string(kLicence);
    if (lines.size() <= line || lines[line] != wanted) {
      findings.push_back(at(file, line + 1) + "has to be: " + wanted);
    }
  }
  return findings;
}

Findings check_columns(const SourceTree& tree) {
  Findings findings;
  for (const SourceFile& file : tree) {
    if (!is_cpp(file.path) && !is_script(file) && !is_cmake(file.path)) continue;
    std::size_t number = 0;
    for (const std::string_view line : lines_of(file.text)) {
      ++number;
      if (width_of(line) > kMaxColumns) {
        findings.push_back(at(file, number) + "longer than " + std::to_string(kMaxColumns) +
                           " columns; break it");
      }
    }
  }
  return findings;
}

Findings check_file_sizes(const SourceTree& tree) {
  Findings findings;
  for (const SourceFile& file : tree) {
    if (!is_cpp(file.path) && !is_script(file)) continue;
    const bool in_src_header = is_header(file.path) && !folder_in_src(file.path).empty();
    const std::size_t limit = in_src_header ? kMaxHeaderLines : kMaxLines;
    const std::size_t count = lines_of(file.text).size();
    if (count > limit && !file.path.ends_with(".def")) {  // A list is as long as it is.
      findings.push_back(file.path + ": " + std::to_string(count) + " lines, more than " +
                         std::to_string(limit) + "; find the second noun and give it a file");
    }
  }
  return findings;
}

Findings check_data_plane_bans(const SourceTree& tree) {
  Findings findings;
  for (const SourceFile& file : tree) {
    if (!is_cpp(file.path) || !is_pure(file.path)) continue;
    const std::string code = without_comments(file.text, false);
    for (const Ban& ban : data_plane_bans()) {
      for (const Match& match : find_all(code, ban.pattern)) {
        findings.push_back(at(file, match.line) + match.text + ": " + ban.instead);
      }
    }
  }
  return findings;
}

Findings check_macros(const SourceTree& tree) {
  static const Pattern define(R"(^\s*#\s*define\s+(\w+))");
  static const std::set<std::string> allowed = {
      "CHECK", "DCHECK", "SECTION", "SETTING", "SETTING_IN", "END_SECTION", "METRIC",
      // What config/declare.inc and copy.inc are told by the file that includes them.
      "SETTINGS_STRUCT", "SETTINGS_FILE", "SETTINGS_COPY"};
  Findings findings;
  for (const SourceFile& file : tree) {
    if (!is_cpp(file.path) || folder_in_src(file.path).empty()) continue;
    for (const Match& match : find_all(without_comments(file.text, false), define)) {
      if (allowed.contains(match.text)) continue;
      findings.push_back(at(file, match.line) + "the macro " + match.text +
                         " should be a constant, a function or a template");
    }
  }
  return findings;
}

Findings check_conditional_compilation(const SourceTree& tree) {
  static const Pattern condition(R"(^\s*#\s*(if|ifdef|ifndef|elif)\b)");
  // DCHECK exists only without NDEBUG; the others say what they were not told.
  static const std::set<std::string> allowed = {"src/base/check.h", "src/config/copy.inc",
                                                "src/config/declare.inc"};
  Findings findings;
  for (const SourceFile& file : tree) {
    if (!is_cpp(file.path) || folder_in_src(file.path).empty()) continue;
    if (allowed.contains(file.path)) continue;
    for (const Match& match : find_all(without_comments(file.text, false), condition)) {
      findings.push_back(at(file, match.line) + "#" + match.text +
                         " makes two programs of one; decide at run time, by a table row");
    }
  }
  return findings;
}

Findings check_using_namespace(const SourceTree& tree) {
  static const Pattern use(R"(\busing\s+namespace\s+([[:alnum:]_:]+))");
  Findings findings;
  for (const SourceFile& file : tree) {
    if (!is_cpp(file.path) || folder_in_src(file.path).empty()) continue;
    for (const Match& match : find_all(without_comments(file.text, false), use)) {
      if (match.text.ends_with("_literals")) continue;
      findings.push_back(at(file, match.line) + "using namespace " + match.text +
                         " hides where names come from; spell the names");
    }
  }
  return findings;
}

Findings check_pragma_once(const SourceTree& tree) {
  static const Pattern once(R"(^#pragma once$)");
  Findings findings;
  for (const SourceFile& file : tree) {
    if (!is_cpp(file.path) || !is_header(file.path)) continue;
    if (find_all(without_comments(file.text, true), once).size() != 1) {
      findings.push_back(file.path + ": a header has one line `#pragma once`");
    }
  }
  return findings;
}

}  // namespace aquatic::tidy
