// SPDX-License-Identifier: Apache-2.0
#include "base/manual_text.h"

#include <algorithm>
#include <cstddef>

namespace aquatic {
namespace {

// Longer lines of text are bad style, says mandoc(1).
constexpr std::size_t kMaxColumns = 79;

// Signs for which typesetters have finer ones than what can be typed into a file or a shell.
std::string_view typewriter_sign(char c) {
  switch (c) {
    case '\\': return "\\e";
    case '"': return "\\(dq";
    case '\'': return "\\(aq";
    case '`': return "\\(ga";
    case '^': return "\\(ha";
    case '~': return "\\(ti";
    case '-': return "\\-";
    default: return {};
  }
}

// An option, such as "--check", rather than a compound word.
bool is_option(std::string_view word) { return word.find_first_not_of("\"(`'") == word.find('-'); }

std::string prose_word(std::string_view word) {
  std::string out;
  const bool keeps_dashes = word.find('-') != word.npos && is_option(word);
  for (const char c : word) {
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-' && keeps_dashes) {
      out += "\\-";
    } else {
      out += c;
    }
  }
  return out;
}

bool ends_sentence(std::string_view word) {
  const std::size_t last = word.find_last_not_of("\"')");
  return last != word.npos && (word[last] == '.' || word[last] == '!' || word[last] == '?');
}

// A line that begins with one of these would be a request.
bool is_request(std::string_view word) { return word.front() == '.' || word.front() == '\''; }

}  // namespace

std::string manual_prose(std::string_view text) {
  constexpr std::string_view kBlanks = " \n";
  std::string out;
  std::size_t column = 0;
  while (true) {
    text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
    if (text.empty()) break;
    const std::string_view raw = text.substr(0, text.find_first_of(kBlanks));
    text.remove_prefix(raw.size());
    std::string word = prose_word(raw);
    if (column > 0 && column + 1 + word.size() > kMaxColumns) {
      out += '\n';
      column = 0;
    }
    if (column > 0) {
      out += ' ';
      ++column;
    } else if (is_request(word)) {
      word.insert(0, "\\&");
    }
    out += word;
    column += word.size();
    if (ends_sentence(raw)) {
      out += '\n';
      column = 0;
    }
  }
  if (column > 0) out += '\n';
  return out;
}

std::string manual_argument(std::string_view text) {
  // Quotes keep blanks; signs without width keep macros' names and punctuation as they are.
  std::string out = "\"\\&";
  for (const char c : text) {
    const std::string_view sign = typewriter_sign(c);
    if (sign.empty()) {
      out += c;
    } else {
      out += sign;
    }
  }
  return out + "\\&\"";
}

}  // namespace aquatic
