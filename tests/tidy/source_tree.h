// SPDX-License-Identifier: Apache-2.0
// The files of the project as the tidy rules see them: paths and text, in memory.
//
// A rule's own test builds a small bad tree by hand; the real one is loaded once.
#pragma once
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace aquatic::tidy {

struct SourceFile {
  std::string path;  // From the project's root, with '/' between its parts.
  std::string text;
};

using SourceTree = std::vector<SourceFile>;

// Reads every file below `root` but what .gitignore names. Sorted by path.
SourceTree load_tree(const std::filesystem::path& root);

const SourceFile* find_file(const SourceTree& tree, std::string_view path);

// The lines of a text without their ends.
std::vector<std::string_view> lines_of(std::string_view text);

// C++ with the same line breaks but spaces for what is not code: comments, and with
// `keep_strings` false also what is inside string and character literals.
std::string without_comments(std::string_view text, bool keep_strings);

// "net" for src/net/x.h, "main" for src/main.cc, nothing outside src/.
std::string folder_in_src(std::string_view path);

// Whether the file is C++ of ours: .h, .cc, .def or .inc in src/, tests/, fuzz/ or bench/.
bool is_cpp(std::string_view path);
bool is_header(std::string_view path);
// Whether the file is of those that do no I/O, read no clock and throw nothing: the codecs, the
// swarm and the handlers.
bool is_pure(std::string_view path);

}  // namespace aquatic::tidy
