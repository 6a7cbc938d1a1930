// SPDX-License-Identifier: Apache-2.0
#include "access_list/access_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>
#include <thread>

#include "tests/support/scratch_folder.h"

namespace aquatic::access_list {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

const std::string kFirst = "0123456789abcdef0123456789abcdef01234567";
const std::string kSecond = "FFFFFFFFFFffffffffffFFFFFFFFFFffffffffff";

InfoHash hash(std::string_view hex) { return InfoHash::parse_hex(hex).value(); }

std::string error_of(std::string_view text) {
  try {
    AccessList::parse(Mode::allow, text, "list.txt");
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "";
}

TEST(AccessList, ServesEverythingUntilToldOtherwise) {
  EXPECT_TRUE(AccessList().allows(hash(kFirst)));
  EXPECT_EQ(AccessList().size(), 0u);
}

TEST(AccessList, ModesDecideWhatBeingListedMeans) {
  const std::vector<InfoHash> listed = {hash(kFirst)};
  EXPECT_TRUE(AccessList(Mode::allow, listed).allows(hash(kFirst)));
  EXPECT_FALSE(AccessList(Mode::allow, listed).allows(hash(kSecond)));
  EXPECT_FALSE(AccessList(Mode::deny, listed).allows(hash(kFirst)));
  EXPECT_TRUE(AccessList(Mode::deny, listed).allows(hash(kSecond)));
  EXPECT_TRUE(AccessList(Mode::off, listed).allows(hash(kFirst)));
  EXPECT_TRUE(AccessList(Mode::off, listed).allows(hash(kSecond)));
}

TEST(AccessList, EmptyListsAllowNothingOrDenyNothing) {
  EXPECT_FALSE(AccessList::parse(Mode::allow, "", "list.txt").allows(hash(kFirst)));
  EXPECT_TRUE(AccessList::parse(Mode::deny, "", "list.txt").allows(hash(kFirst)));
}

TEST(AccessList, ReadsWhateverAnEditorMakesOfIt) {
  const std::string text = "# allowed\r\n\r\n \t" + kFirst + " \t\r\n\n   # " + kFirst + "\n" +
                           kSecond;  // No line end at the end of the file.
  const AccessList list = AccessList::parse(Mode::allow, text, "list.txt");
  EXPECT_EQ(list.size(), 2u);
  EXPECT_TRUE(list.allows(hash(kFirst)));
  EXPECT_TRUE(list.allows(hash(kSecond)));
}

TEST(AccessList, CountsARepeatedLineOnce) {
  EXPECT_EQ(AccessList::parse(Mode::deny, kFirst + "\n" + kFirst + "\n", "f").size(), 1u);
}

TEST(AccessList, NamesTheLineThatIsBad) {
  EXPECT_EQ(error_of(kFirst + "\n\nxyz\n"),
            "list.txt:3: `xyz` is not an info hash of 40 hexadecimal digits");
  EXPECT_THAT(error_of(kFirst + "0\n"), StartsWith("list.txt:1: "));
  EXPECT_THAT(error_of(kFirst.substr(1)), StartsWith("list.txt:1: "));
  EXPECT_THAT(error_of(kFirst + " " + kSecond), StartsWith("list.txt:1: "));
  EXPECT_THAT(error_of(kFirst + " # a name"), StartsWith("list.txt:1: "));
  EXPECT_THAT(error_of("g" + kFirst.substr(1)), StartsWith("list.txt:1: "));
  EXPECT_LT(error_of(std::string(100'000, 'x')).size(), 200u);
}

TEST(AccessList, LoadsAFileUnlessItIsOff) {
  const test::ScratchFolder folder;
  const std::string path = folder.write("list.txt", kFirst + "\n");
  EXPECT_FALSE(AccessList::load(Mode::deny, path).allows(hash(kFirst)));
  folder.write("list.txt", "no hash\n");
  EXPECT_THROW(AccessList::load(Mode::deny, path), std::runtime_error);
  EXPECT_EQ(AccessList::load(Mode::off, path).size(), 0u);
  ASSERT_EQ(std::remove(path.c_str()), 0);
  try {
    AccessList::load(Mode::allow, path);
    FAIL() << "a missing file was accepted";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), HasSubstr(path + ": No such file or directory"));
  }
}

RC_GTEST_PROP(AccessList, AgreesWithASet, (std::vector<std::uint8_t> numbers)) {
  std::set<InfoHash> model;
  for (const std::uint8_t number : numbers) {
    InfoHash info_hash;
    info_hash.bytes[19] = static_cast<std::byte>(number);
    model.insert(info_hash);
  }
  std::string text;
  for (const InfoHash& info_hash : model) text += info_hash.to_hex() + "\n";
  const AccessList list = AccessList::parse(Mode::allow, text, "list.txt");
  RC_ASSERT(list.size() == model.size());
  for (unsigned number = 0; number < 256; ++number) {
    InfoHash info_hash;
    info_hash.bytes[19] = static_cast<std::byte>(number);
    RC_ASSERT(list.allows(info_hash) == model.contains(info_hash));
  }
}

TEST(Reader, SeesWhatTheHolderWasGiven) {
  Holder holder;
  Reader reader(holder);
  EXPECT_TRUE(reader.current().allows(hash(kFirst)));
  holder.replace(AccessList::parse(Mode::deny, kFirst, "f"));
  EXPECT_FALSE(reader.current().allows(hash(kFirst)));
  holder.replace(AccessList::parse(Mode::deny, kSecond, "f"));
  EXPECT_TRUE(reader.current().allows(hash(kFirst))) << "lists were merged";
  EXPECT_FALSE(holder.current()->allows(hash(kSecond)));
}

TEST(Reader, MakesNoCopyWhileNothingChanges) {
  Holder holder;
  Reader reader(holder);
  const AccessList* before = &reader.current();
  EXPECT_EQ(before, &reader.current());
  EXPECT_EQ(before, holder.current().get());
}

// For ThreadSanitizer and AddressSanitizer: lists are replaced and freed while others look.
TEST(Reader, MayBeUsedWhileListsAreReplaced) {
  constexpr int kReplacements = 1000;
  Holder holder;
  const InfoHash info_hash = hash(kFirst);
  holder.replace(AccessList(Mode::deny, std::vector{info_hash}));
  std::atomic<bool> is_done = false;
  std::atomic<int> allowed_count = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&] {
      Reader reader(holder);
      while (!is_done) allowed_count += reader.current().allows(info_hash);
    });
  }
  for (int i = 0; i < kReplacements; ++i) {
    holder.replace(AccessList(Mode::deny, std::vector{info_hash}));
  }
  is_done = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(allowed_count, 0) << "a list was seen that was never in force";
}

}  // namespace
}  // namespace aquatic::access_list
