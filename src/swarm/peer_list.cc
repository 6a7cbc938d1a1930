// SPDX-License-Identifier: Apache-2.0
#include "swarm/peer_list.h"

#include <algorithm>
#include <utility>

namespace aquatic::swarm {

static_assert(sizeof(PeerList<PeerV4>) == 40 && sizeof(PeerList<PeerV6>) == 48);
static_assert(sizeof(PeerList<PeerV4WithId>) == 64 && sizeof(PeerList<PeerV6WithId>) == 88);

template <class Peer>
PeerList<Peer>::PeerList(PeerList&& other) noexcept : PeerList() {
  *this = std::move(other);
}

template <class Peer>
PeerList<Peer>& PeerList<Peer>::operator=(PeerList&& other) noexcept {
  if (this == &other) return *this;
  switch (other.form_) {
    case Form::inlined: become(std::move(other.inlined_), other.counts_); break;
    case Form::block: become(std::move(other.block_)); break;
    case Form::table: become(std::move(other.table_)); break;
  }
  other.become(Inlined(), GroupCounts());
  return *this;
}

template <class Peer>
std::uint32_t PeerList<Peer>::size() const noexcept {
  switch (form_) {
    case Form::inlined: return counts_.size;
    case Form::block: return block_.size();
    case Form::table: return table_->size();
  }
  return 0;
}

template <class Peer>
std::uint32_t PeerList<Peer>::seeders() const noexcept {
  switch (form_) {
    case Form::inlined: return counts_.seeders;
    case Form::block: return block_.seeders();
    case Form::table: return table_->seeders();
  }
  return 0;
}

template <class Peer>
std::size_t PeerList<Peer>::heap_bytes() const noexcept {
  switch (form_) {
    case Form::inlined: return 0;
    case Form::block: return block_.heap_bytes();
    case Form::table: return table_->heap_bytes();
  }
  return 0;
}

template <class Peer>
Presence PeerList<Peer>::remove(const Peer& peer) noexcept {
  if (form_ == Form::inlined) return inlined_group().remove(peer);
  const Presence presence =
      form_ == Form::block ? block_.group().remove(peer) : table_->remove(peer);
  if (presence != Presence::absent) shrink();
  return presence;
}

template <class Peer>
void PeerList<Peer>::insert(const Peer& peer, bool is_seeder, std::uint64_t secret) noexcept {
  if (form_ != Form::table) grow(secret);
  switch (form_) {
    case Form::inlined: return inlined_group().insert(peer, is_seeder);
    case Form::block: return block_.insert(peer, is_seeder);
    case Form::table: return table_->insert(peer, is_seeder);
  }
}

template <class Peer>
std::size_t PeerList<Peer>::pick(MutableBytes room, Random& random,
                                 std::span<PeerId> ids) noexcept {
  const std::size_t most = room.size() / Peer::kWireBytes;
  const auto want = static_cast<std::uint32_t>(std::min<std::size_t>(most, size()));
  if (want == 0) return 0;
  WireWriter<Peer> out(room, ids);
  switch (form_) {
    case Form::inlined: inlined_group().pick(want, out, random); break;
    case Form::block: block_.group().pick(want, out, random); break;
    case Form::table: table_->pick(want, out, random); break;
  }
  return out.bytes();
}

template <class Peer>
std::uint32_t PeerList<Peer>::expire(std::uint32_t part, AgeLimit limit) noexcept {
  const std::uint32_t before = size();
  const auto is_silent = [limit](const Peer& peer, bool) { return limit.is_over(peer.last_seen); };
  switch (form_) {
    case Form::inlined: inlined_group().remove_if(is_silent); return before;
    case Form::block:
      block_.group().remove_if(is_silent);
      block_.shrink();
      shrink();
      return before;
    case Form::table: {
      const std::uint32_t looked_at = table_->expire(part, limit);
      shrink();
      return looked_at;
    }
  }
  return 0;
}

template <class Peer>
std::uint32_t PeerList<Peer>::part_count() const noexcept {
  return form_ == Form::table ? table_->bucket_count() : 1;
}

template <class Peer>
void PeerList<Peer>::prefetch() const noexcept {
  if (form_ == Form::block) block_.prefetch();
  if (form_ == Form::table) __builtin_prefetch(table_.get());
}

template <class Peer>
void PeerList<Peer>::become(Inlined&& inlined, GroupCounts counts) noexcept {
  destroy();
  std::construct_at(&inlined_, inlined);
  form_ = Form::inlined;
  counts_ = counts;
}

template <class Peer>
void PeerList<Peer>::become(Block&& block) noexcept {
  destroy();
  std::construct_at(&block_, std::move(block));
  form_ = Form::block;
}

template <class Peer>
void PeerList<Peer>::become(Table&& table) noexcept {
  destroy();
  std::construct_at(&table_, std::move(table));
  form_ = Form::table;
}

// Takes on the next form where there is no room for one more peer.
template <class Peer>
void PeerList<Peer>::grow(std::uint64_t secret) noexcept {
  if (form_ == Form::inlined && counts_.size == kMaxInlined) {
    Block block;
    block.reserve(kMaxInlined + 1);
    inlined_group().remove_if([&](const Peer& peer, bool is_seeder) {
      block.insert(peer, is_seeder);
      return true;
    });
    become(std::move(block));
  } else if (form_ == Form::block && block_.size() == kMaxBlock) {
    auto table = std::make_unique<PeerTable<Peer>>(secret);
    block_.group().remove_if([&](const Peer& peer, bool is_seeder) {
      table->insert(peer, is_seeder);
      return true;
    });
    become(std::move(table));
  }
}

// Takes on the form before where that would be no more than half full.
template <class Peer>
void PeerList<Peer>::shrink() noexcept {
  if (form_ == Form::table && table_->size() <= kMaxBlock / 2) become(table_->take_all());
  if (form_ == Form::block && block_.size() <= kMaxInlined / 2) {
    Inlined inlined;
    GroupCounts counts;
    block_.group().remove_if([&](const Peer& peer, bool is_seeder) {
      PeerGroup<Peer>(inlined.data(), counts).insert(peer, is_seeder);
      return true;
    });
    become(std::move(inlined), counts);
  }
}

template <class Peer>
void PeerList<Peer>::destroy() noexcept {
  switch (form_) {
    case Form::inlined: std::destroy_at(&inlined_); break;
    case Form::block: std::destroy_at(&block_); break;
    case Form::table: std::destroy_at(&table_); break;
  }
}

template class PeerList<PeerV4>;
template class PeerList<PeerV6>;
template class PeerList<PeerV4WithId>;
template class PeerList<PeerV6WithId>;

}  // namespace aquatic::swarm
