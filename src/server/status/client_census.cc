// SPDX-License-Identifier: Apache-2.0
#include "server/status/client_census.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "base/bytes.h"

namespace aquatic::server {
namespace {

// Far from the half that is left when the level rises, so that it does not go up and down.
constexpr std::size_t kSparse = 4;

std::string text_of(const PeerClient& client) {
  if (client.version.is_empty()) return std::string(client.name.view());
  return fmt::format("{} {}", client.name.view(), client.version.view());
}

// Most frequent first, the same order for the same counts. `name` is a member of Named.
template <class Named>
void sort(std::vector<Named>& figures, std::string Named::* name) {
  std::ranges::sort(figures, [name](const Named& a, const Named& b) {
    return a.peers != b.peers ? a.peers > b.peers : a.*name < b.*name;
  });
}

}  // namespace

ClientCensus::ClientCensus(std::uint64_t seed, std::size_t room) : room_(room), hasher_(seed) {}

ClientSampler& ClientCensus::add_sampler(Seconds max_peer_age_s) {
  max_peer_age_s_ = std::max(max_peer_age_s_, max_peer_age_s);
  workers_.push_back({std::make_unique<ClientSampler>(hasher_, limit_), max_peer_age_s});
  return *workers_.back().sampler;
}

void ClientCensus::tick(Seconds now) {
  for (const Worker& worker : workers_) {
    worker.sampler->take([&](const ClientSampler::Sighting& sighting) {
      watch(sighting, now + worker.max_peer_age_s);
    });
  }
  if (has_lost_some()) raise_level();
  std::erase_if(watched_, [now](const auto& entry) { return entry.second.gone_after < now; });
  settle(now);
}

void ClientCensus::watch(const ClientSampler::Sighting& sighting, Seconds gone_after) {
  if (sighting.hash > limit_of(level_)) return;  // Seen before the level rose.
  const auto [entry, is_new] = watched_.try_emplace(sighting.hash);
  Watched& watched = entry->second;
  watched.gone_after = std::max(watched.gone_after, gone_after);
  if (!is_new) return;
  watched.client = peer_client(sighting.peer_id);
  std::memcpy(watched.prefix.data(), sighting.peer_id.bytes.data(), kPrefixBytes);
  while (watched_.size() > room_ && level_ < kMaxLevel) raise_level();
}

bool ClientCensus::has_lost_some() {
  std::uint64_t lost = 0;
  for (const Worker& worker : workers_) lost += worker.sampler->lost();
  return std::exchange(lost_, lost) != lost;
}

void ClientCensus::raise_level() {
  if (level_ == kMaxLevel) return;
  const std::uint64_t limit = limit_of(++level_);
  certain_level_ = std::max(certain_level_, level_);
  limit_.store(limit, std::memory_order_relaxed);
  std::erase_if(watched_, [limit](const auto& entry) { return entry.first > limit; });
}

void ClientCensus::settle(Seconds now) {
  if (certain_level_ > level_) {
    if (now - lowered_at_ <= max_peer_age_s_) return;
    certain_level_ = level_;
  }
  if (level_ == 0 || watched_.size() >= room_ / kSparse) return;
  lowered_at_ = now;
  limit_.store(limit_of(--level_), std::memory_order_relaxed);
}

template <class Use>
void ClientCensus::for_each_certain(Use use) const {
  for (const auto& [hash, watched] : watched_) {
    if (hash <= limit_of(certain_level_)) use(watched);
  }
}

std::vector<ClientFigures> ClientCensus::clients() const {
  struct Hash {
    std::size_t operator()(const PeerClient& client) const noexcept {
      const std::hash<std::string_view> hash;
      return hash(client.name.view()) * 31 + hash(client.version.view());
    }
  };
  std::unordered_map<PeerClient, std::uint64_t, Hash> counts;
  for_each_certain([&](const Watched& watched) { ++counts[watched.client]; });

  std::vector<ClientFigures> figures;
  std::uint64_t others = 0;
  for (const auto& [client, count] : counts) {
    const std::uint64_t peers = count << certain_level_;
    if (client.name.view() == kOtherClient) {
      others += peers;
    } else {
      figures.push_back({text_of(client), peers});
    }
  }
  sort(figures, &ClientFigures::name);
  while (figures.size() > kMaxClients) {
    others += figures.back().peers;
    figures.pop_back();
  }
  if (others > 0) figures.push_back({std::string(kOtherClient), others});
  sort(figures, &ClientFigures::name);
  return figures;
}

std::vector<PeerIdPrefixFigures> ClientCensus::peer_id_prefixes() const {
  std::unordered_map<std::uint64_t, std::uint64_t> counts;
  for_each_certain([&](const Watched& watched) {
    ++counts[load_big_endian<std::uint64_t>(watched.prefix.data())];
  });
  std::vector<PeerIdPrefixFigures> figures;
  figures.reserve(counts.size());
  for (const auto& [prefix, count] : counts) {
    figures.push_back({fmt::format("{:016x}", prefix), count << certain_level_});
  }
  sort(figures, &PeerIdPrefixFigures::hex);
  if (figures.size() > kMaxPrefixes) figures.resize(kMaxPrefixes);
  return figures;
}

}  // namespace aquatic::server
