// SPDX-License-Identifier: Apache-2.0
// Which torrents a tracker serves, by a list of info hashes.
//
// An AccessList never changes, so any thread may ask it. A Holder has the one in force, which the
// control loop replaces; each worker asks through a Reader of its own, once a batch.
#pragma once
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "access_list/mode.h"
#include "base/info_hash.h"
#include "base/snapshot.h"

namespace aquatic::access_list {

class AccessList {
 public:
  // Serves everything.
  AccessList() = default;
  AccessList(Mode mode, std::span<const InfoHash> listed);

  // Reads a text with an info hash of 40 hexadecimal digits in a line. White space around it, blank
  // lines and lines that begin with # do not count. Throws std::runtime_error for any other line,
  // with its place: `file` is the name to report.
  static AccessList parse(Mode mode, std::string_view text, std::string_view file);
  // The same for a file of at most kMaxFileBytes, which is not touched when `mode` is off.
  static AccessList load(Mode mode, const std::string& path);

  bool allows(const InfoHash& info_hash) const noexcept {
    return mode_ == Mode::off || is_listed(info_hash) == (mode_ == Mode::allow);
  }
  // How many info hashes are listed.
  std::size_t size() const noexcept;

  // Twelve million lines: far above any list in use, far below what would trouble a machine.
  static constexpr std::size_t kMaxFileBytes = std::size_t{512} << 20;

 private:
  class Table;

  bool is_listed(const InfoHash& info_hash) const noexcept;

  Mode mode_ = Mode::off;
  std::shared_ptr<const Table> listed_;  // Null when nothing is listed.
};

// The list in force. Until the first replace() everything is served.
class Holder : public Snapshot<AccessList> {
 public:
  Holder() : Snapshot(std::make_shared<const AccessList>()) {}

  void replace(AccessList list) {
    Snapshot::replace(std::make_shared<const AccessList>(std::move(list)));
  }
};

// One thread's view of a holder.
class Reader {
 public:
  // `holder` has to outlive the reader.
  explicit Reader(const Holder& holder) : reader_(holder) {}

  // The list in force, valid until the next call.
  const AccessList& current() noexcept { return *reader_.current(); }

 private:
  SnapshotReader<AccessList> reader_;
};

}  // namespace aquatic::access_list
