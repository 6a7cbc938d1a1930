// SPDX-License-Identifier: Apache-2.0
// The rules of the project that a machine can check. Each takes a tree and returns what is wrong,
// one text a finding, as "path:line: what, and what to do about it".
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "tests/tidy/source_tree.h"

namespace aquatic::tidy {

using Findings = std::vector<std::string>;

// include_rules.cc: who may include what.

// Libraries include only base and themselves; server and load_test include libraries; main.cc and
// what lies beside it include those, and the libraries that it takes to start them.
Findings check_include_star(const SourceTree& tree);
// No file of src/ includes itself by a detour.
Findings check_include_cycles(const SourceTree& tree);
// A third-party header appears only where its library belongs.
Findings check_third_party_headers(const SourceTree& tree);
// Codecs, the swarm and handlers include nothing of the operating system, and no streams.
Findings check_pure_includes(const SourceTree& tree);

// text_rules.cc: what the inside of a file may look like.

Findings check_licence_lines(const SourceTree& tree);
Findings check_columns(const SourceTree& tree);
Findings check_file_sizes(const SourceTree& tree);
// Codecs, the swarm and handlers neither throw, log, read clocks nor draw randomness of their own.
Findings check_data_plane_bans(const SourceTree& tree);
Findings check_macros(const SourceTree& tree);
Findings check_conditional_compilation(const SourceTree& tree);
// `using namespace` of ours or of anyone, but for literals, only in tests.
Findings check_using_namespace(const SourceTree& tree);
Findings check_pragma_once(const SourceTree& tree);

// repository_rules.cc: which files there are.

// src/a/b.cc has tests/a/b_test.cc, and the other way round; tests/a/b_aspect_test.cc may be there,
// too.
Findings check_twins(const SourceTree& tree);
Findings check_file_types(const SourceTree& tree);
Findings check_blobs(const SourceTree& tree);
Findings check_markdown_links(const SourceTree& tree);
Findings check_documents(const SourceTree& tree);
// Scripts may be executed and bash can read them; looks at the files below `root` themselves.
Findings check_scripts(const std::filesystem::path& root, const SourceTree& tree);

}  // namespace aquatic::tidy
