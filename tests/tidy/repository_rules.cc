// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cstdlib>
#include <set>

#include "tests/tidy/pattern.h"
#include "tests/tidy/rules.h"

namespace aquatic::tidy {
namespace {

namespace fs = std::filesystem;

// Larger ones belong into a release, not into everybody's clone.
constexpr std::size_t kMaxFileBytes = 512 * 1024;

// Folders of tests/ that mirror no folder of src/: they test what the parts do together.
const std::set<std::string> kUnmirrored = {"simulation", "integration", "support", "tidy"};

constexpr auto kFileTypes = std::to_array<std::string_view>(
    {".cc",  ".h",    ".def", ".inc", ".cmake", ".txt",   ".md",   ".json",
     ".py",  ".mjs",  ".ini", ".sh",  ".toml",  ".yml",   ".conf", ".service",
     ".svg", ".html", ".css", ".js",  ".png",   ".socket"});

// Files known by their whole name.
const std::set<std::string> kFileNames = {".clang-format", ".clang-tidy",   ".editorconfig",
                                          ".gitignore",    ".shellcheckrc", "LICENSE",
                                          "Containerfile", ".dockerignore"};

std::string extension_of(const std::string& path) { return fs::path(path).extension(); }

bool is_script(const std::string& path) {
  return path.starts_with("scripts/") || path.starts_with(".ci/");
}

bool is_allowed_type(const std::string& path) {
  const std::string name = fs::path(path).filename();
  if (kFileNames.contains(name)) return true;
  // Corpora hold what fuzzers and people name; Debian prescribes its own names.
  if (path.starts_with("fuzz/corpus/") || path.starts_with("packaging/debian/")) return true;
  if (extension_of(path).empty()) return is_script(path);
  return std::find(kFileTypes.begin(), kFileTypes.end(), extension_of(path)) != kFileTypes.end();
}

// What is between a prefix and a suffix that the path has.
std::string between(std::string_view prefix, const std::string& path, std::string_view suffix) {
  return path.substr(prefix.size(), path.size() - prefix.size() - suffix.size());
}

// tests/a/b_test.cc for src/a/b.cc
std::string twin_of_source(const std::string& path) {
  return "tests/" + between("src/", path, ".cc") + "_test.cc";
}

// Whether tests/a/b_test.cc tests src/a/b.cc or src/a/b.h, or tests/a/b_aspect_test.cc one aspect
// of it.
bool has_source(const SourceTree& tree, const std::string& test) {
  std::string stem = "src/" + between("tests/", test, "_test.cc");
  const std::size_t folder_end = stem.rfind('/');
  while (find_file(tree, stem + ".cc") == nullptr && find_file(tree, stem + ".h") == nullptr) {
    const std::size_t last_word = stem.rfind('_');
    if (last_word == std::string::npos || last_word < folder_end) return false;
    stem.resize(last_word);
  }
  return true;
}

// Whether there is such a file, or a folder with files.
bool exists(const SourceTree& tree, const fs::path& path) {
  std::string name = path.lexically_normal().generic_string();
  if (name.ends_with('/')) name.pop_back();
  return std::any_of(tree.begin(), tree.end(), [&](const SourceFile& file) {
    return file.path == name || file.path.starts_with(name + "/");
  });
}

// Runs a program quietly. The names come from this repository; quotes keep them whole.
bool succeeds(const std::string& command) {
  return std::system((command + " >/dev/null 2>&1").c_str()) == 0;  // NOLINT(cert-env33-c)
}

}  // namespace

Findings check_twins(const SourceTree& tree) {
  Findings findings;
  for (const SourceFile& file : tree) {
    const std::string& path = file.path;
    if (path.starts_with("src/") && path.ends_with(".cc") && path != "src/main.cc") {
      const std::string twin = twin_of_source(path);
      if (find_file(tree, twin) == nullptr) {
        findings.push_back(path + ": has no test; write " + twin);
      }
    }
    if (path.starts_with("tests/") && path.ends_with("_test.cc")) {
      const std::string folder = path.substr(6, path.find('/', 6) - 6);
      if (!kUnmirrored.contains(folder) && !has_source(tree, path)) {
        findings.push_back(path + ": tests no file of src/ by its name; move or rename it");
      }
    }
  }
  return findings;
}

Findings check_file_types(const SourceTree& tree) {
  Findings findings;
  for (const SourceFile& file : tree) {
    if (!is_allowed_type(file.path)) {
      findings.push_back(file.path + ": not a kind of file that we keep; delete it, ignore it in " +
                         ".gitignore, or add its kind to kFileTypes");
    }
  }
  return findings;
}

Findings check_blobs(const SourceTree& tree) {
  Findings findings;
  for (const SourceFile& file : tree) {
    if (file.text.size() > kMaxFileBytes) {
      findings.push_back(file.path + ": " + std::to_string(file.text.size()) +
                         " bytes; generate it, shrink it, or keep it elsewhere");
    }
    const bool is_text =
        !file.path.starts_with("fuzz/corpus/") && extension_of(file.path) != ".png";
    if (is_text && file.text.find('\0') != std::string::npos) {
      findings.push_back(file.path + ": is no text; keep what it is made from");
    }
  }
  return findings;
}

Findings check_markdown_links(const SourceTree& tree) {
  static const Pattern link("\\]\\(([^() ]+)\\)");
  Findings findings;
  for (const SourceFile& file : tree) {
    if (extension_of(file.path) != ".md") continue;
    std::string_view rest = file.text;
    while (const auto match = link.search(rest)) {
      const std::string target((*match)[1]);
      rest.remove_prefix(static_cast<std::size_t>((*match)[1].end() - rest.begin()));
      if (target.find("://") != std::string::npos || target.starts_with("mailto:")) continue;
      const std::string name = target.substr(0, target.find('#'));
      if (name.empty()) continue;  // An anchor in the same file.
      if (!exists(tree, fs::path(file.path).parent_path() / name)) {
        findings.push_back(file.path + ": links to " + target + ", which is not there");
      }
    }
  }
  return findings;
}

Findings check_documents(const SourceTree& tree) {
  if (find_file(tree, "README.md") == nullptr) return {};
  Findings findings;
  for (const char* name :
       {"ARCHITECTURE.md", "CONTRIBUTING.md", "OPERATIONS.md", "CHANGELOG.md", "LICENSE"}) {
    if (find_file(tree, name) == nullptr) {
      findings.push_back(std::string(name) + ": is missing; README.md's readers look for it");
    }
  }
  return findings;
}

Findings check_scripts(const fs::path& root, const SourceTree& tree) {
  Findings findings;
  for (const SourceFile& file : tree) {
    if (!is_script(file.path)) continue;
    const fs::path path = root / file.path;
    const bool is_program = file.text.starts_with("#!");
    const auto execute = fs::status(path).permissions() & fs::perms::owner_exec;
    if (is_program && execute == fs::perms::none) {
      findings.push_back(file.path + ": may not be executed; chmod +x, and git add");
    }
    if (!is_program && extension_of(file.path).empty()) {
      findings.push_back(file.path + ": begins without #!; say what runs it");
    }
    if (extension_of(file.path) != ".py" && !succeeds("bash -n '" + path.string() + "'")) {
      findings.push_back(file.path + ": bash cannot read it; bash -n says why");
    }
  }
  return findings;
}

}  // namespace aquatic::tidy
