// SPDX-License-Identifier: Apache-2.0
#include "access_list/access_list.h"

#include <fmt/core.h>

#include <algorithm>
#include <boost/unordered/unordered_flat_set.hpp>
#include <stdexcept>
#include <utility>
#include <vector>

#include "base/file.h"
#include "base/info_hash_hasher.h"
#include "base/random.h"

namespace aquatic::access_list {
namespace {

// As much of a bad line as is shown.
constexpr std::size_t kMaxShownBytes = 60;

// Keyed, since whoever is asked for cannot be trusted not to aim at one slot.
struct Hash {
  using is_avalanching = void;  // Spares the table a second mixing.

  InfoHashHasher hasher;

  std::size_t operator()(const InfoHash& info_hash) const noexcept {
    return hasher.table(info_hash);
  }
};

std::string_view trim(std::string_view line) {
  constexpr std::string_view kSpace = " \t\r\v\f";
  const std::size_t begin = line.find_first_not_of(kSpace);
  if (begin == line.npos) return {};
  return line.substr(begin, line.find_last_not_of(kSpace) - begin + 1);
}

}  // namespace

class AccessList::Table : public boost::unordered_flat_set<InfoHash, Hash> {
 public:
  explicit Table(std::span<const InfoHash> listed)
      : unordered_flat_set(listed.begin(), listed.end(), listed.size(),
                           Hash{InfoHashHasher(secret_seed())}) {}
};

AccessList::AccessList(Mode mode, std::span<const InfoHash> listed)
    : mode_(mode), listed_(std::make_shared<const Table>(listed)) {}

AccessList AccessList::parse(Mode mode, std::string_view text, std::string_view file) {
  std::vector<InfoHash> listed;
  for (std::size_t line_number = 1; !text.empty(); ++line_number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = trim(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line.front() == '#') continue;
    const auto info_hash = InfoHash::parse_hex(line);
    if (!info_hash) {
      throw std::runtime_error(
          fmt::format("{}:{}: `{}` is not an info hash of 40 hexadecimal digits", file, line_number,
                      line.substr(0, kMaxShownBytes)));
    }
    listed.push_back(*info_hash);
  }
  return AccessList(mode, listed);
}

AccessList AccessList::load(Mode mode, const std::string& path) {
  if (mode == Mode::off) return {};
  return parse(mode, read_file(path, kMaxFileBytes), path);
}

std::size_t AccessList::size() const noexcept { return listed_ ? listed_->size() : 0; }

bool AccessList::is_listed(const InfoHash& info_hash) const noexcept {
  return listed_ && listed_->contains(info_hash);
}

}  // namespace aquatic::access_list
