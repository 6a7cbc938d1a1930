// SPDX-License-Identifier: Apache-2.0
#include "tests/tidy/source_tree.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <fstream>
#include <sstream>

namespace aquatic::tidy {
namespace {

namespace fs = std::filesystem;

// What .gitignore names, and git itself.
constexpr std::array<std::string_view, 5> kIgnoredFolders = {".git", "build", ".cache",
                                                             "__pycache__", ".pytest_cache"};

std::string read(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

// Copies C++ piece by piece; what is to be left out becomes spaces, line breaks stay.
class Stripper {
 public:
  Stripper(std::string_view text, bool keep_strings) : text_(text), keep_strings_(keep_strings) {}

  std::string strip() {
    while (at_ < text_.size()) {
      if (starts("//")) {
        erase_to(text_.find('\n', at_));
      } else if (starts("/*")) {
        erase_to(after(text_.find("*/", at_ + 2), 2));
      } else if (starts("R\"")) {
        take_raw_string();
      } else if (text_[at_] == '"' || (text_[at_] == '\'' && !is_digit_separator())) {
        take_literal(text_[at_]);
      } else {
        out_ += text_[at_++];
      }
    }
    return std::move(out_);
  }

 private:
  bool starts(std::string_view prefix) const { return text_.substr(at_).starts_with(prefix); }

  static std::size_t after(std::size_t position, std::size_t count) {
    return position == std::string_view::npos ? position : position + count;
  }

  // The ' of 1'000: it is inside a word that begins with a digit.
  bool is_digit_separator() const {
    std::size_t begin = at_;
    while (begin > 0 && (std::isalnum(static_cast<unsigned char>(text_[begin - 1])) != 0 ||
                         text_[begin - 1] == '\'')) {
      --begin;
    }
    return begin < at_ && std::isdigit(static_cast<unsigned char>(text_[begin])) != 0;
  }

  void erase_to(std::size_t end) {
    for (end = std::min(end, text_.size()); at_ < end; ++at_) {
      out_ += text_[at_] == '\n' ? '\n' : ' ';
    }
  }

  // Takes the rest of a literal up to `end`, which is behind its last quote.
  void take_to(std::size_t end) {
    end = std::min(end, text_.size());
    if (!keep_strings_) return erase_to(end);
    out_ += text_.substr(at_, end - at_);
    at_ = end;
  }

  void take_literal(char quote) {
    std::size_t end = at_ + 1;
    while (end < text_.size() && text_[end] != quote && text_[end] != '\n') {
      end += text_[end] == '\\' ? 2 : 1;
    }
    take_to(end + 1);
  }

  // R"delimiter( … )delimiter"
  void take_raw_string() {
    const std::size_t open = text_.find('(', at_);
    if (open == std::string_view::npos) return take_to(text_.size());
    const std::string close = ")" + std::string(text_.substr(at_ + 2, open - at_ - 2)) + "\"";
    take_to(after(text_.find(close, open), close.size()));
  }

  std::string_view text_;
  bool keep_strings_;
  std::size_t at_ = 0;
  std::string out_;
};

bool ends_with_any(std::string_view path, std::initializer_list<std::string_view> endings) {
  return std::any_of(endings.begin(), endings.end(),
                     [&](std::string_view ending) { return path.ends_with(ending); });
}

}  // namespace

SourceTree load_tree(const fs::path& root) {
  SourceTree tree;
  for (auto entry = fs::recursive_directory_iterator(root);
       entry != fs::recursive_directory_iterator(); ++entry) {
    const std::string name = entry->path().filename();
    if (std::find(kIgnoredFolders.begin(), kIgnoredFolders.end(), name) != kIgnoredFolders.end()) {
      entry.disable_recursion_pending();
    } else if (entry->is_regular_file()) {
      tree.push_back({fs::relative(entry->path(), root).generic_string(), read(entry->path())});
    }
  }
  std::sort(tree.begin(), tree.end(),
            [](const SourceFile& a, const SourceFile& b) { return a.path < b.path; });
  return tree;
}

const SourceFile* find_file(const SourceTree& tree, std::string_view path) {
  const auto found = std::find_if(tree.begin(), tree.end(),
                                  [&](const SourceFile& file) { return file.path == path; });
  return found == tree.end() ? nullptr : &*found;
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::string without_comments(std::string_view text, bool keep_strings) {
  return Stripper(text, keep_strings).strip();
}

std::string folder_in_src(std::string_view path) {
  constexpr std::string_view kSrc = "src/";
  if (!path.starts_with(kSrc)) return {};
  path.remove_prefix(kSrc.size());
  const std::size_t end = path.find('/');
  return end == std::string_view::npos ? "main" : std::string(path.substr(0, end));
}

bool is_cpp(std::string_view path) {
  const std::string_view top = path.substr(0, path.find('/'));
  return (top == "src" || top == "tests" || top == "fuzz" || top == "bench") &&
         ends_with_any(path, {".h", ".cc", ".def", ".inc"});
}

bool is_header(std::string_view path) { return path.ends_with(".h"); }

bool is_pure(std::string_view path) {
  const std::string folder = folder_in_src(path);
  return folder == "protocol" || folder == "swarm" ||
         (folder == "server" &&
          ends_with_any(path, {"_handler.cc", "_handler.h", "_responder.cc", "_responder.h",
                               "_full_scrape.cc", "_full_scrape.h"}));
}

}  // namespace aquatic::tidy
