// SPDX-License-Identifier: Apache-2.0
// Every rule can fail: each finds what is wrong in a small bad tree, and nothing in a good one.
#include "tests/tidy/rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

namespace aquatic::tidy {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

// The only finding begins like this.
auto only(const std::string& beginning) { return ElementsAre(StartsWith(beginning)); }

TEST(StripTest, removes_comments_and_literals_but_no_line) {
  EXPECT_EQ(without_comments("a // throw\nb /* x\ny */ c", true), "a         \nb     \n     c");
  EXPECT_EQ(without_comments("f(\"throw // x\", 'y');", false), "f(            ,    );");
  EXPECT_EQ(without_comments("f(\"a//b\\\"\", 1);", true), "f(\"a//b\\\"\", 1);");
  EXPECT_EQ(without_comments("R\"x(throw \" )\" )x\" + 1'000 + 'a'", false),
            std::string(19, ' ') + "+ 1'000 +    ");
}

TEST(IncludeStarTest, libraries_do_not_know_each_other) {
  const SourceFile request{"src/protocol/request.h", ""};
  const SourceFile bytes{"src/base/bytes.h", ""};
  const auto check = [&](const std::string& path, const std::string& header) {
    return check_include_star({request, bytes, {path, "\n#include \"" + header + "\"\n"}});
  };
  EXPECT_THAT(check("src/swarm/swarm.cc", "protocol/request.h"), only("src/swarm/swarm.cc:2: "));
  EXPECT_THAT(check("src/base/log.cc", "protocol/request.h"), only("src/base/log.cc:2: "));
  EXPECT_THAT(check("src/main.cc", "protocol/request.h"), only("src/main.cc:2: "));
  EXPECT_THAT(check("src/swarm/swarm.cc", "base/gone.h"), only("src/swarm/swarm.cc:2: no file"));
  EXPECT_THAT(check("src/gadgets/a.cc", "gadgets/a.cc"),
              testing::Contains(StartsWith("src/gadgets/a.cc: this folder")));
  EXPECT_THAT(check("src/swarm/swarm.cc", "base/bytes.h"), IsEmpty());
  EXPECT_THAT(check("src/protocol/request.cc", "protocol/request.h"), IsEmpty());
  EXPECT_THAT(check("src/server/tracker.cc", "protocol/request.h"), IsEmpty());
}

TEST(IncludeStarTest, server_and_load_test_do_not_know_each_other) {
  const SourceFile load{"src/load_test/load.h", ""};
  const SourceFile server{"src/server/tracker.h", "#include \"load_test/load.h\""};
  EXPECT_THAT(check_include_star({load, server}), only("src/server/tracker.h:1: "));
}

TEST(IncludeCyclesTest, finds_a_detour) {
  const SourceFile a{"src/net/a.h", "#include \"net/b.h\""};
  const SourceFile b{"src/net/b.h", "#include \"net/c.h\""};
  const SourceFile c{"src/net/c.h", "#include \"net/a.h\""};
  EXPECT_THAT(check_include_cycles({a, b, c}),
              ElementsAre(HasSubstr("src/net/b.h -> src/net/c.h -> src/net/a.h")));
  EXPECT_THAT(check_include_cycles({a, b, {"src/net/c.h", "// #include \"net/a.h\""}}), IsEmpty());
}

TEST(ThirdPartyHeadersTest, stay_where_they_belong) {
  const auto check = [](const std::string& path, const std::string& header) {
    return check_third_party_headers({{path, "#include <" + header + ">"}});
  };
  EXPECT_THAT(check("src/server/config.h", "toml++/toml.h"), only("src/server/config.h:1: "));
  EXPECT_THAT(check("src/net/mmsg_socket.cc", "liburing.h"), only("src/net/mmsg_socket.cc:1: "));
  EXPECT_THAT(check("src/server/main.cc", "CLI/CLI.hpp"), only("src/server/main.cc:1: "));
  EXPECT_THAT(check("src/net/log.cc", "spdlog/spdlog.h"), only("src/net/log.cc:1: "));
  EXPECT_THAT(check("src/swarm/swarm.cc", "fmt/core.h"), only("src/swarm/swarm.cc:1: "));
  EXPECT_THAT(check("src/net/tls.h", "folly/Range.h"), ElementsAre(HasSubstr("no library")));
  EXPECT_THAT(check("src/config/toml.cc", "toml++/toml.h"), IsEmpty());
  EXPECT_THAT(check("src/net/uring_socket.cc", "liburing.h"), IsEmpty());
  EXPECT_THAT(check("src/net/socket.cc", "sys/socket.h"), IsEmpty());
  EXPECT_THAT(check("src/net/socket.cc", "vector"), IsEmpty());
}

TEST(PureIncludesTest, keep_the_system_out) {
  const auto check = [](const std::string& path, const std::string& directive) {
    return check_pure_includes({{path, directive}});
  };
  EXPECT_THAT(check("src/protocol/udp/a.cc", "#include <sys/socket.h>"),
              only("src/protocol/udp/a.cc:1: "));
  EXPECT_THAT(check("src/swarm/a.cc", "#include <iostream>"), only("src/swarm/a.cc:1: "));
  EXPECT_THAT(check("src/server/udp/udp_handler.h", "#include \"base/log.h\""),
              only("src/server/udp/udp_handler.h:1: "));
  EXPECT_THAT(check("src/server/udp/udp_worker.cc", "#include <sys/socket.h>"), IsEmpty());
  EXPECT_THAT(check("src/swarm/a.cc", "#include <mutex>"), IsEmpty());
}

TEST(LicenceLinesTest, come_first) {
  const std::string licence = "SPDX-License-Identifier: Apache-2.0\n";
  EXPECT_THAT(check_licence_lines({{"src/base/a.h", "#pragma once\n"}}), only("src/base/a.h:1: "));
  EXPECT_THAT(check_licence_lines({{"src/server/a.def", "\n// " + licence}}),
              only("src/server/a.def:1: "));
  EXPECT_THAT(check_licence_lines({{"scripts/run", "#!/bin/bash\necho\n"}}),
              only("scripts/run:2: "));
  EXPECT_THAT(check_licence_lines({{"src/base/a.h", "// " + licence}}), IsEmpty());
  EXPECT_THAT(check_licence_lines({{"scripts/run", "#!/bin/bash\n# " + licence}}), IsEmpty());
  EXPECT_THAT(check_licence_lines({{"tests/integration/a.py", "# " + licence}}), IsEmpty());
}

TEST(ColumnsTest, are_characters) {
  EXPECT_THAT(check_columns({{"src/base/a.h", "\n" + std::string(101, 'x')}}),
              only("src/base/a.h:2: "));
  EXPECT_THAT(check_columns({{"scripts/run", std::string(101, 'x')}}), only("scripts/run:1: "));
  std::string wide;
  for (int i = 0; i < 100; ++i) wide += "…";
  EXPECT_THAT(check_columns({{"src/base/a.h", wide}}), IsEmpty());
}

TEST(FileSizesTest, have_limits) {
  const auto check = [](const std::string& path, std::size_t lines) {
    return check_file_sizes({{path, std::string(lines, '\n')}});
  };
  EXPECT_THAT(check("src/net/a.h", 201), only("src/net/a.h: 201 lines"));
  EXPECT_THAT(check("src/net/a.cc", 501), only("src/net/a.cc: 501 lines"));
  EXPECT_THAT(check("tests/net/a_test.cc", 501), only("tests/net/a_test.cc: 501 lines"));
  EXPECT_THAT(check("src/net/a.h", 200), IsEmpty());
  EXPECT_THAT(check("src/net/a.cc", 500), IsEmpty());
}

TEST(DataPlaneBansTest, find_each_kind) {
  const auto check = [](const std::string& path, const std::string& code) {
    return check_data_plane_bans({{path, code}});
  };
  EXPECT_THAT(check("src/protocol/udp/a.cc", "throw 1;"), only("src/protocol/udp/a.cc:1: throw"));
  EXPECT_THAT(check("src/swarm/a.cc", "\nlog::warn(\"x\");"), only("src/swarm/a.cc:2: log::warn"));
  EXPECT_THAT(check("src/server/udp/udp_handler.cc", "std::chrono::steady_clock::now()"),
              only("src/server/udp/udp_handler.cc:1: steady_clock"));
  EXPECT_THAT(check("src/swarm/a.h", "Clock& clock_;"), only("src/swarm/a.h:1: Clock"));
  EXPECT_THAT(check("src/swarm/a.cc", "Random random(secret_seed());"),
              only("src/swarm/a.cc:1: secret_seed"));
  EXPECT_THAT(check("src/swarm/a.cc", "// May throw? Never.\nconst char* s = \"throw\";"),
              IsEmpty());
  EXPECT_THAT(check("src/config/a.cc", "throw 1;"), IsEmpty());
  EXPECT_THAT(check("src/server/udp/udp_worker.cc", "clock_.now()"), IsEmpty());
}

TEST(MacrosTest, only_the_known_ones) {
  EXPECT_THAT(check_macros({{"src/net/a.h", "#define MAX_BATCH 64"}}),
              ElementsAre(AllOf(StartsWith("src/net/a.h:1: "), HasSubstr("MAX_BATCH"))));
  EXPECT_THAT(check_macros({{"src/net/a.cc", "  #  define X"}}), only("src/net/a.cc:1: "));
  EXPECT_THAT(check_macros({{"src/base/check.h", "#define CHECK(c) c"}}), IsEmpty());
}

TEST(ConditionalCompilationTest, has_one_place) {
  EXPECT_THAT(check_conditional_compilation({{"src/net/a.cc", "\n#ifdef __linux__\n#endif"}}),
              only("src/net/a.cc:2: #ifdef"));
  EXPECT_THAT(check_conditional_compilation({{"src/base/check.h", "#ifdef NDEBUG"}}), IsEmpty());
}

TEST(UsingNamespaceTest, only_in_tests) {
  EXPECT_THAT(check_using_namespace({{"src/net/a.cc", "using namespace std;"}}),
              only("src/net/a.cc:1: using namespace std"));
  EXPECT_THAT(check_using_namespace({{"src/net/a.cc", "using namespace std::chrono_literals;"},
                                     {"tests/net/a_test.cc", "using namespace net;"}}),
              IsEmpty());
}

TEST(PragmaOnceTest, in_every_header) {
  EXPECT_THAT(check_pragma_once({{"src/net/a.h", "// #pragma once\n"}}), only("src/net/a.h: "));
  EXPECT_THAT(check_pragma_once({{"src/net/a.h", "// A.\n#pragma once\n"}}), IsEmpty());
}

TEST(TwinsTest, go_both_ways) {
  const SourceFile source{"src/net/a.cc", ""};
  const SourceFile test{"tests/net/a_test.cc", ""};
  EXPECT_THAT(check_twins({source}), ElementsAre(HasSubstr("write tests/net/a_test.cc")));
  EXPECT_THAT(check_twins({test}), only("tests/net/a_test.cc: "));
  EXPECT_THAT(check_twins({source, test}), IsEmpty());
  EXPECT_THAT(check_twins({{"src/net/a.h", ""}, test}), IsEmpty());
  EXPECT_THAT(check_twins({{"src/net/a.h", ""}, {"tests/net/a_under_load_test.cc", ""}}),
              IsEmpty());
  EXPECT_THAT(check_twins({{"tests/simulation/storm_test.cc", ""}, {"src/main.cc", ""}}),
              IsEmpty());
}

TEST(FileTypesTest, are_known) {
  EXPECT_THAT(check_file_types({{"docs/logo.psd", ""}}), only("docs/logo.psd: "));
  EXPECT_THAT(check_file_types({{"notes", ""}}), only("notes: "));
  EXPECT_THAT(check_file_types({{"src/a.cc.orig", ""}}), only("src/a.cc.orig: "));
  EXPECT_THAT(check_file_types({{"scripts/run", ""}, {"fuzz/corpus/x/0a1b", ""}, {"LICENSE", ""}}),
              IsEmpty());
}

TEST(BlobsTest, are_refused) {
  EXPECT_THAT(check_blobs({{"bench/results/a.json", std::string(512 * 1024 + 1, ' ')}}),
              only("bench/results/a.json: 524289 bytes"));
  EXPECT_THAT(check_blobs({{"docs/a.svg", std::string(1, '\0')}}), only("docs/a.svg: "));
  EXPECT_THAT(check_blobs({{"fuzz/corpus/x/zero", std::string(1, '\0')},
                           {"bench/results/a.json", std::string(512 * 1024, ' ')}}),
              IsEmpty());
}

TEST(MarkdownLinksTest, lead_somewhere) {
  const SourceFile guide{"docs/guide.md", "[up](../README.md#x) [web](https://bittorrent.org/)"};
  const auto check = [&](const std::string& text) {
    return check_markdown_links({guide, {"README.md", text}});
  };
  EXPECT_THAT(check("[gone](docs/gone.md)"), only("README.md: links to docs/gone.md"));
  EXPECT_THAT(check("[part of a name](docs/gui)"), only("README.md: links to docs/gui"));
  EXPECT_THAT(check("[a](docs/guide.md#part) [b](docs/) [c](docs) [d](#here)"), IsEmpty());
}

TEST(DocumentsTest, come_with_the_readme) {
  EXPECT_THAT(check_documents({}), IsEmpty());
  EXPECT_THAT(check_documents({{"README.md", ""}}), testing::SizeIs(5));
}

class ScriptsTest : public testing::Test {
 protected:
  ScriptsTest() {
    std::string name = (std::filesystem::temp_directory_path() / "aquatic_tidy_XXXXXX").string();
    root_ = mkdtemp(name.data());
    std::filesystem::create_directory(root_ / "scripts");
  }
  ~ScriptsTest() override { std::filesystem::remove_all(root_); }

  Findings check(const std::string& text, bool executable) {
    const std::filesystem::path path = root_ / "scripts" / "run";
    std::ofstream(path) << text;
    std::filesystem::permissions(
        path, executable ? std::filesystem::perms::owner_all : std::filesystem::perms::owner_read);
    const Findings findings = check_scripts(root_, {{"scripts/run", text}});
    std::filesystem::remove(path);
    return findings;
  }

  std::filesystem::path root_;
};

TEST_F(ScriptsTest, can_be_run) {
  EXPECT_THAT(check("#!/usr/bin/env bash\nif\n", true),
              ElementsAre(HasSubstr("bash cannot read it")));
  EXPECT_THAT(check("#!/usr/bin/env bash\n", false), ElementsAre(HasSubstr("chmod +x")));
  EXPECT_THAT(check("echo\n", true), ElementsAre(HasSubstr("without #!")));
  EXPECT_THAT(check("#!/usr/bin/env bash\necho\n", true), IsEmpty());
}

}  // namespace
}  // namespace aquatic::tidy
