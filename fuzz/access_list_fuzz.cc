// SPDX-License-Identifier: Apache-2.0
// Reads any text as an access list. What is read is counted and answered as by a reading of the
// lines that takes its time.
#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "access_list/access_list.h"
#include "base/bytes.h"
#include "base/check.h"

namespace aquatic::access_list {
namespace {

constexpr std::string_view kBlank = " \t\r\v\f";

std::string_view trimmed(std::string_view line) {
  const std::size_t begin = line.find_first_not_of(kBlank);
  if (begin == std::string_view::npos) return {};
  return line.substr(begin, line.find_last_not_of(kBlank) - begin + 1);
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    lines.push_back(trimmed(text.substr(begin, end - begin)));
    begin = end + 1;
  }
  return lines;
}

// The info hashes of the text, or nothing if a line is wrong.
std::optional<std::set<InfoHash>> read_slowly(std::string_view text) {
  std::set<InfoHash> listed;
  for (const std::string_view line : lines_of(text)) {
    if (line.empty() || line.front() == '#') continue;
    const auto info_hash = InfoHash::parse_hex(line);
    if (!info_hash) return std::nullopt;
    listed.insert(*info_hash);
  }
  return listed;
}

// Nearby, so that it is most often not listed.
InfoHash neighbour_of(InfoHash info_hash) {
  info_hash.bytes.back() ^= std::byte{1};
  return info_hash;
}

void check(std::string_view text, Mode mode) {
  const auto expected = read_slowly(text);
  try {
    const AccessList list = AccessList::parse(mode, text, "fuzz.txt");
    CHECK(expected.has_value());
    CHECK(list.size() == expected->size());
    for (const InfoHash& info_hash : *expected) {
      CHECK(list.allows(info_hash) == (mode == Mode::allow));
      const InfoHash other = neighbour_of(info_hash);
      CHECK(list.allows(other) == (expected->contains(other) == (mode == Mode::allow)));
    }
  } catch (const std::runtime_error& error) {
    CHECK(!expected.has_value());
    CHECK(std::string_view(error.what()).starts_with("fuzz.txt:"));
  }
}

}  // namespace
}  // namespace aquatic::access_list

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = aquatic::as_text(std::as_bytes(std::span(data, size)));
  aquatic::access_list::check(text, aquatic::access_list::Mode::allow);
  aquatic::access_list::check(text, aquatic::access_list::Mode::deny);
  return 0;
}
