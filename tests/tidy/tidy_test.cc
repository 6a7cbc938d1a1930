// SPDX-License-Identifier: Apache-2.0
// The rules of rules.h hold for this project.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/tidy/rules.h"

namespace aquatic::tidy {
namespace {

using testing::IsEmpty;

class Tidy : public testing::Test {
 protected:
  static const SourceTree& tree() {
    static const SourceTree loaded = load_tree(".");
    return loaded;
  }
};

TEST_F(Tidy, sees_the_project) {
  EXPECT_NE(find_file(tree(), "src/main.cc"), nullptr);
  EXPECT_NE(find_file(tree(), "tests/tidy/tidy_test.cc"), nullptr);
  EXPECT_EQ(find_file(tree(), "build/dev/CMakeCache.txt"), nullptr);
}

TEST_F(Tidy, include_star) { EXPECT_THAT(check_include_star(tree()), IsEmpty()); }
TEST_F(Tidy, include_cycles) { EXPECT_THAT(check_include_cycles(tree()), IsEmpty()); }
TEST_F(Tidy, third_party_headers) { EXPECT_THAT(check_third_party_headers(tree()), IsEmpty()); }
TEST_F(Tidy, pure_includes) { EXPECT_THAT(check_pure_includes(tree()), IsEmpty()); }

TEST_F(Tidy, licence_lines) { EXPECT_THAT(check_licence_lines(tree()), IsEmpty()); }
TEST_F(Tidy, columns) { EXPECT_THAT(check_columns(tree()), IsEmpty()); }
TEST_F(Tidy, file_sizes) { EXPECT_THAT(check_file_sizes(tree()), IsEmpty()); }
TEST_F(Tidy, data_plane_bans) { EXPECT_THAT(check_data_plane_bans(tree()), IsEmpty()); }
TEST_F(Tidy, macros) { EXPECT_THAT(check_macros(tree()), IsEmpty()); }
TEST_F(Tidy, conditional_compilation) {
  EXPECT_THAT(check_conditional_compilation(tree()), IsEmpty());
}
TEST_F(Tidy, using_namespace) { EXPECT_THAT(check_using_namespace(tree()), IsEmpty()); }
TEST_F(Tidy, pragma_once) { EXPECT_THAT(check_pragma_once(tree()), IsEmpty()); }

TEST_F(Tidy, twins) { EXPECT_THAT(check_twins(tree()), IsEmpty()); }
TEST_F(Tidy, file_types) { EXPECT_THAT(check_file_types(tree()), IsEmpty()); }
TEST_F(Tidy, blobs) { EXPECT_THAT(check_blobs(tree()), IsEmpty()); }
TEST_F(Tidy, markdown_links) { EXPECT_THAT(check_markdown_links(tree()), IsEmpty()); }
TEST_F(Tidy, documents) { EXPECT_THAT(check_documents(tree()), IsEmpty()); }
TEST_F(Tidy, scripts) { EXPECT_THAT(check_scripts(".", tree()), IsEmpty()); }

}  // namespace
}  // namespace aquatic::tidy
