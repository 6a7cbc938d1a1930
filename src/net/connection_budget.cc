// SPDX-License-Identifier: Apache-2.0
#include "net/connection_budget.h"

#include <array>
#include <atomic>
#include <mutex>
#include <unordered_map>
#include <utility>

#include "base/bytes.h"
#include "base/check.h"
#include "base/fold_multiply.h"
#include "base/random.h"

namespace aquatic::net {
namespace {

// Enough that workers rarely meet, as each connection takes a lock twice in its life.
constexpr std::size_t kShards = 64;
constexpr std::size_t kCacheLineBytes = 64;

// What an address counts by. No connection comes from a multicast address (ff00::/8), so IPv4 fits
// among those.
std::uint64_t key_of(const IpAddress& ip) noexcept {
  constexpr std::uint64_t kMulticast = 0xff00'0000'0000'0000;
  const std::byte* bytes = ip.bytes().data();
  return ip.is_v4() ? kMulticast | load_big_endian<std::uint32_t>(bytes)
                    : load_big_endian<std::uint64_t>(bytes);
}

// Whoever has many addresses must not choose their places in the tables.
struct Hash {
  std::uint64_t secret = secret_seed();
  std::size_t operator()(std::uint64_t key) const noexcept { return fold_multiply(key, secret); }
};
struct alignas(kCacheLineBytes) Shard {
  std::mutex mutex;  // Guards counts.
  std::unordered_map<std::uint64_t, std::size_t, Hash> counts;
};

}  // namespace

struct ConnectionBudget::State {
  State(std::size_t max, std::size_t max_of_ip, IpNetworks unlimited)
      : max_connections(max), max_per_ip(max_of_ip), exempt(std::move(unlimited)) {}

  // Whatever the limit is now: another may follow while the connection is there.
  bool is_counted(const IpAddress& ip) const noexcept { return !exempt.contain(ip); }

  Shard& shard_of(std::uint64_t key) noexcept { return shards[hash(key) % kShards]; }

  bool take_one() noexcept {
    const std::size_t max = max_connections.load(std::memory_order_relaxed);
    std::size_t count = size.load(std::memory_order_relaxed);
    do {
      if (max > 0 && count >= max) return false;
    } while (!size.compare_exchange_weak(count, count + 1, std::memory_order_relaxed));
    return true;
  }
  void give_one_back() noexcept { CHECK(size.fetch_sub(1, std::memory_order_relaxed) > 0); }

  bool take_of(const IpAddress& ip) noexcept {
    if (!is_counted(ip)) return true;
    const std::uint64_t key = key_of(ip);
    Shard& shard = shard_of(key);
    const std::lock_guard lock(shard.mutex);
    const std::size_t max = max_per_ip.load(std::memory_order_relaxed);
    std::size_t& count = shard.counts[key];
    if (max > 0 && count >= max) return false;
    ++count;
    return true;
  }
  void give_back_of(const IpAddress& ip) noexcept {
    if (!is_counted(ip)) return;
    const std::uint64_t key = key_of(ip);
    Shard& shard = shard_of(key);
    const std::lock_guard lock(shard.mutex);
    const auto found = shard.counts.find(key);
    CHECK(found != shard.counts.end());
    if (--found->second == 0) shard.counts.erase(found);
  }

  std::atomic<std::size_t> max_connections;
  std::atomic<std::size_t> max_per_ip;
  const IpNetworks exempt;
  const Hash hash;
  std::atomic<std::size_t> size = 0;
  std::array<Shard, kShards> shards;
};

ConnectionBudget::ConnectionBudget(std::size_t max_connections, std::size_t max_per_ip,
                                   IpNetworks exempt)
    : state_(std::make_unique<State>(max_connections, max_per_ip, std::move(exempt))) {}

ConnectionBudget::~ConnectionBudget() = default;

void ConnectionBudget::set_limits(std::size_t max_connections, std::size_t max_per_ip) noexcept {
  state_->max_connections.store(max_connections, std::memory_order_relaxed);
  state_->max_per_ip.store(max_per_ip, std::memory_order_relaxed);
}

bool ConnectionBudget::take(const IpAddress& ip) noexcept {
  // The address first: one that has had its share is turned away without touching what all share.
  if (!state_->take_of(ip)) return false;
  if (state_->take_one()) return true;
  state_->give_back_of(ip);
  return false;
}

void ConnectionBudget::give_back(const IpAddress& ip) noexcept {
  state_->give_back_of(ip);
  state_->give_one_back();
}

std::size_t ConnectionBudget::size() const noexcept {
  return state_->size.load(std::memory_order_relaxed);
}

}  // namespace aquatic::net
