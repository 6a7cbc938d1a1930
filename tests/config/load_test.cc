// SPDX-License-Identifier: Apache-2.0
#include "config/load.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "config/print.h"
#include "tests/config/example.h"
#include "tests/support/scratch_folder.h"

namespace aquatic::example {

// For load(path, config).
std::span<const config::OldKey> old_keys(const Config&) { return {}; }

}  // namespace aquatic::example

namespace aquatic::config {
namespace {

using example::Colour;
using example::Config;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

Keys doubled(const Keys& file) {
  const auto* half = std::get_if<std::int64_t>(&file.at("network.half_size"));
  return {{"network.ring_size", half ? Scalar(2 * *half) : file.at("network.half_size")}};
}

const std::vector<OldKey> kOldKeys = {
    {"threads", "use workers"},
    {"network.half_size", "use network.ring_size", doubled},
    {"network.backlog", "it has no effect; remove it", nullptr, std::int64_t{128}},
    {"pinning", "use another program"},
};

std::vector<std::string> load_into(Config& config, std::string_view toml) {
  return load_toml(toml, "a.toml", describe(config), kOldKeys);
}

std::vector<std::string> faults_of(std::string_view toml) {
  Config config;
  try {
    load_into(config, toml);
  } catch (const LoadError& error) {
    return error.faults();
  }
  return {};
}

TEST(Load, ChangesWhatTheFileMentions) {
  Config config;
  const auto notes = load_into(config, R"(
    workers = 8
    ratio = 1
    limit = 9
    [network]
    use_ipv4 = false
    address_ipv4 = "10.0.0.1:80"
    server_address = "[::1]:81"
    peers_wanted = -2147483648
    colour = "blue"
    [files]
    path = 'c:\d'
  )");
  EXPECT_THAT(notes, IsEmpty());
  EXPECT_EQ(config.workers, 8u);
  EXPECT_EQ(config.ratio, 1.0);
  EXPECT_EQ(config.limit, 9u);
  EXPECT_FALSE(config.network.use_ipv4);
  EXPECT_EQ(config.network.address_ipv4.to_string(), "10.0.0.1:80");
  EXPECT_EQ(config.network.server_address.to_string(), "[::1]:81");
  EXPECT_EQ(config.network.peers_wanted, INT32_MIN);
  EXPECT_EQ(config.network.colour, Colour::blue);
  EXPECT_EQ(config.files.path, R"(c:\d)");
  EXPECT_EQ(config.network.ring_size, 128) << "the file does not mention it";
}

TEST(Load, TakesAnEmptyFile) { EXPECT_THAT(faults_of("# nothing\r\n"), IsEmpty()); }

TEST(Load, TellsWhereTheSyntaxEnds) {
  EXPECT_THAT(faults_of("workers = 1\nratio = = 2\n"), ElementsAre(StartsWith("a.toml:2:9: ")));
  EXPECT_THAT(faults_of("workers = 1\nworkers = 2\n"), ElementsAre(StartsWith("a.toml:2:")));
}

TEST(Load, SuggestsTheRightKey) {
  EXPECT_THAT(faults_of("[network]\nadress_ipv4 = \"0.0.0.0:1\""),
              ElementsAre("a.toml:2:1: unknown key `adress_ipv4` in [network], did you mean "
                          "`address_ipv4`?"));
  EXPECT_THAT(faults_of("wrokers = 1"),
              ElementsAre("a.toml:1:1: unknown key `wrokers`, did you mean `workers`?"));
  EXPECT_THAT(faults_of("[network]\nzzz = 1"),
              ElementsAre("a.toml:2:1: unknown key `zzz` in [network]"));
}

TEST(Load, SuggestsTheRightSection) {
  EXPECT_THAT(faults_of("[netwrok]\nuse_ipv4 = true\ncolour = 1"),
              ElementsAre("a.toml:1:2: unknown section [netwrok], did you mean [network]?"));
  EXPECT_THAT(faults_of("[zzz]"), ElementsAre("a.toml:1:2: unknown section [zzz]"));
  EXPECT_THAT(faults_of("colour = \"red\""),
              ElementsAre("a.toml:1:1: unknown key `colour`, it belongs in [network]"));
  EXPECT_THAT(faults_of("[files]\nworkers = 1"),
              ElementsAre("a.toml:2:1: unknown key `workers` in [files], it belongs above the "
                          "first section"));
}

TEST(Load, SaysWhatAValueMustBe) {
  EXPECT_THAT(faults_of("workers = \"4\""),
              ElementsAre("a.toml:1:1: `workers` must be a whole number from 0 to 4294967295, "
                          "not \"4\""));
  EXPECT_THAT(faults_of("[network]\nring_size = 1025"),
              ElementsAre("a.toml:2:1: `network.ring_size` must be a whole number from 1 to 1024, "
                          "not 1025"));
  EXPECT_THAT(faults_of("[network]\ncolour = \"pink\""),
              ElementsAre(R"(a.toml:2:1: `network.colour` must be one of "red", "green", "blue", )"
                          R"(not "pink")"));
  EXPECT_THAT(faults_of("[network]\naddress_ipv4 = \"[::1]:80\""),
              ElementsAre(HasSubstr("must be an IPv4 address and a port")));
  EXPECT_THAT(faults_of("[network]\naddress_ipv6 = \"10.0.0.1:80\""),
              ElementsAre(HasSubstr("must be an IPv6 address and a port")));
  EXPECT_THAT(faults_of("[network]\nserver_address = \"localhost:80\""),
              ElementsAre(HasSubstr("must be an address and a port")));
}

TEST(Load, RefusesWhatIsNoScalar) {
  for (const char* value : {"[1, 2]", "{ a = 1 }", "1979-05-27", "07:32:00"}) {
    EXPECT_THAT(faults_of("[network]\nring_size = " + std::string(value)),
                ElementsAre(HasSubstr("must be a whole number")))
        << value;
  }
  EXPECT_THAT(faults_of("network = 1"), ElementsAre(HasSubstr("unknown key `network`")));
  EXPECT_THAT(faults_of("[workers]"), ElementsAre(HasSubstr("unknown section [workers]")));
  EXPECT_THAT(faults_of("[network.deeper]\na = 1"),
              ElementsAre(HasSubstr("unknown key `deeper` in [network]")));
}

TEST(Load, RepeatsNoSecretAndNoNovel) {
  const auto faults = faults_of("[files]\nsecret = \"hunter2\"");
  ASSERT_EQ(faults.size(), 1u);
  EXPECT_EQ(faults[0].find("hunter2"), std::string::npos);
  EXPECT_LT(faults_of("workers = \"" + std::string(100'000, 'x') + "\"")[0].size(), 300u);
}

TEST(Load, ReportsEveryFaultInTheOrderOfTheFile) {
  EXPECT_THAT(
      faults_of("zzz = 1\nworkers = true\n[network]\nring_size = 0\n[aaa]\n[files]\npth=1"),
      ElementsAre(StartsWith("a.toml:1:1:"), StartsWith("a.toml:2:1:"), StartsWith("a.toml:4:1:"),
                  StartsWith("a.toml:5:2:"), StartsWith("a.toml:7:1:")));
}

TEST(Load, NotesKeysOfOlderVersions) {
  Config config;
  EXPECT_THAT(load_into(config, "threads = 3\n[pinning]\nactive = true\n"),
              ElementsAre("a.toml:1:1: `threads` is a setting of older versions: use workers",
                          "a.toml:3:1: `pinning.active` is a setting of older versions: use "
                          "another program"));
}

TEST(Load, TakesOldKeysForTheirSuccessors) {
  Config config;
  EXPECT_EQ(load_into(config, "[network]\nhalf_size = 100").size(), 1u);
  EXPECT_EQ(config.network.ring_size, 200);
}

TEST(Load, PrefersTodaysKeysToOldOnes) {
  for (const char* toml :
       {"[network]\nhalf_size = 100\nring_size = 7", "[network]\nring_size = 7\nhalf_size = 100"}) {
    Config config;
    load_into(config, toml);
    EXPECT_EQ(config.network.ring_size, 7);
  }
}

TEST(Load, ReportsWhatAnOldKeyCannotBecome) {
  EXPECT_THAT(faults_of("[network]\nhalf_size = 1000"),
              ElementsAre("a.toml:2:1: `network.half_size` stands for `network.ring_size`, which "
                          "must be a whole number from 1 to 1024, not 1000"));
  EXPECT_THAT(faults_of("[network]\nhalf_size = true"), ElementsAre(HasSubstr("not true")));
}

TEST(Load, IsSilentAboutHarmlessValues) {
  Config config;
  EXPECT_THAT(load_into(config, "[network]\nbacklog = 128"), IsEmpty());
  EXPECT_THAT(load_into(config, "[network]\nbacklog = 129"), ElementsAre(HasSubstr("no effect")));
}

TEST(Load, ReadsFiles) {
  const test::ScratchFolder folder;
  const std::string path = folder.write("config.toml", "workers = 5");
  Config config;
  load(path, config);
  EXPECT_EQ(config.workers, 5u);
  folder.write("config.toml", "workers = -5");
  try {
    load(path, config);
    FAIL() << "a bad file was accepted";
  } catch (const LoadError& error) {
    EXPECT_THAT(error.what(), StartsWith(path + ":1:1: "));
  }
  folder.write("config.toml", std::string(kMaxFileBytes + 1, '\n'));
  EXPECT_THROW(load(path, config), std::runtime_error);
  std::remove(path.c_str());
  EXPECT_THROW(load(path, config), std::runtime_error);
}

RC_GTEST_PROP(Load, EndsWithAResultOrFaultsForAnyText, (std::string toml)) {
  Config config;
  try {
    load_into(config, toml);
  } catch (const LoadError& error) {
    RC_ASSERT(!error.faults().empty());
  }
}

RC_GTEST_PROP(Load, ReadsBackWhatIsPrinted,
              (std::uint32_t workers, bool use_ipv4, std::int32_t peers_wanted,
               std::uint16_t port)) {
  Config config;
  config.workers = workers;
  config.network.use_ipv4 = use_ipv4;
  config.network.peers_wanted = peers_wanted;
  config.network.address_ipv6 = ("[2001:db8::1]:" + std::to_string(port)).c_str();
  config.network.colour = *rc::gen::element(Colour::red, Colour::green, Colour::blue);
  config.ratio = *rc::gen::element(0.0, 0.1, 1.0 / 3, 1.0);
  config.files.path = *rc::gen::container<std::string>(rc::gen::inRange<char>(1, 126));
  const std::string toml = to_toml(config, Comments::without);
  Config loaded;
  RC_ASSERT(load_into(loaded, toml).empty());
  RC_ASSERT(to_toml(loaded, Comments::without) == toml);
  RC_ASSERT(loaded.files.path == config.files.path);
  RC_ASSERT(loaded.ratio == config.ratio);
}

}  // namespace
}  // namespace aquatic::config
