// SPDX-License-Identifier: Apache-2.0
// Which programs peers use, by a sample that never grows beyond its room: of every 2^level peer ids
// one is watched, by its hash, and the level rises until those who are fit. A peer id counts once,
// in however many torrents it is.
//
// Belongs to the control loop. Workers use the samplers that it lends them.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/info_hash.h"
#include "protocol/peer_client.h"
#include "server/status/client_sampler.h"
#include "server/status/figures.h"
#include "swarm/offers/peer_id_hasher.h"

namespace aquatic::server {

class ClientCensus {
 public:
  // Peer ids that are watched at the most: some three megabytes. Of more, a program that one peer
  // in ten uses is counted to 2 to 5 % of its peers (a standard deviation).
  static constexpr std::size_t kRoom = 16'384;
  // Programs and prefixes that are told apart in the figures.
  static constexpr std::size_t kMaxClients = 100;
  static constexpr std::size_t kMaxPrefixes = 1000;

  // The seed is secret in production, fixed in tests.
  explicit ClientCensus(std::uint64_t seed, std::size_t room = kRoom);
  ClientCensus(const ClientCensus&) = delete;
  ClientCensus& operator=(const ClientCensus&) = delete;

  // For one more worker, valid as long as the census. A peer that it has not seen for
  // `max_peer_age_s` is gone.
  ClientSampler& add_sampler(Seconds max_peer_age_s);

  // Takes what the workers saw, and forgets who is gone. Once a second.
  void tick(Seconds now);

  // Estimates for all peers, most frequent first. Programs are told apart with their versions; the
  // rarest of too many count as kOtherClient. Takes about a millisecond.
  std::vector<ClientFigures> clients() const;
  // The same for the first eight bytes of peer ids; the rarest of too many are left out.
  std::vector<PeerIdPrefixFigures> peer_id_prefixes() const;

  // Peer ids that are watched now.
  std::size_t size() const noexcept { return watched_.size(); }
  unsigned level() const noexcept { return level_; }

 private:
  static constexpr std::size_t kPrefixBytes = 8;
  static constexpr unsigned kMaxLevel = 48;

  struct Worker {
    std::unique_ptr<ClientSampler> sampler;
    Seconds max_peer_age_s;
  };
  struct Watched {
    Seconds gone_after = 0;
    PeerClient client;
    std::array<std::byte, kPrefixBytes> prefix;
  };

  static std::uint64_t limit_of(unsigned level) noexcept { return UINT64_MAX >> level; }
  void watch(const ClientSampler::Sighting& sighting, Seconds gone_after);
  bool has_lost_some();
  // Watches only half as many from now on.
  void raise_level();
  void settle(Seconds now);
  // Calls use(watched) for those that stand for 2^certain_level_ peers each.
  template <class Use>
  void for_each_certain(Use use) const;

  const std::size_t room_;
  const offers::PeerIdHasher hasher_;
  ClientSampler::Limit limit_ = UINT64_MAX;
  std::vector<Worker> workers_;
  Seconds max_peer_age_s_ = 0;  // The highest.
  std::uint64_t lost_ = 0;      // When last looked at.

  unsigned level_ = 0;
  // Whoever is chosen since the level fell is known only once he has announced. Until all of them
  // have had the time, figures are from those chosen before.
  unsigned certain_level_ = 0;
  Seconds lowered_at_ = 0;
  std::unordered_map<std::uint64_t, Watched> watched_;  // By hash.
};

}  // namespace aquatic::server
