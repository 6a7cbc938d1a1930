// SPDX-License-Identifier: Apache-2.0
#include "server/udp/connection_ids.h"

#include <sodium/crypto_generichash.h>
#include <sodium/crypto_shorthash.h>

#include "base/bytes.h"
#include "base/check.h"

namespace aquatic::server {
namespace {

unsigned char* as_sodium(std::byte* bytes) noexcept {
  return reinterpret_cast<unsigned char*>(bytes);
}

const unsigned char* as_sodium(const std::byte* bytes) noexcept {
  return reinterpret_cast<const unsigned char*>(bytes);
}

}  // namespace

ConnectionIds::ConnectionIds(const Secret& secret, Seconds max_age_s,
                             std::uint64_t unix_start_s) noexcept
    : secret_(secret), unix_start_s_(unix_start_s), max_age_s_(max_age_s) {
  CHECK(max_age_s > 0);
  enter_epoch_of(0);
}

udp::ConnectionId ConnectionIds::make(unsigned key, const IpAddress& ip) const noexcept {
  static_assert(crypto_shorthash_KEYBYTES == sizeof(Key));
  static_assert(crypto_shorthash_BYTES == sizeof(udp::ConnectionId));
  const auto bytes = ip.bytes();
  udp::ConnectionId hash = 0;
  crypto_shorthash(as_sodium(reinterpret_cast<std::byte*>(&hash)), as_sodium(bytes.data()),
                   bytes.size(), keys_[key].data());
  return (hash & ~udp::ConnectionId{kKeys - 1}) | key;
}

void ConnectionIds::enter_epoch_of(Seconds now) noexcept {
  const std::uint64_t unix_now_s = unix_start_s_ + now;
  epoch_ = unix_now_s / max_age_s_;
  epoch_begin_ = now;
  epoch_left_ = static_cast<Seconds>(max_age_s_ - unix_now_s % max_age_s_);
  for (const std::uint64_t epoch : {epoch_ - 1, epoch_, epoch_ + 1}) {
    keys_[epoch % kKeys] = derive_key(epoch);
  }
  dead_key_ = static_cast<unsigned>((epoch_ + 2) % kKeys);
}

ConnectionIds::Key ConnectionIds::derive_key(std::uint64_t epoch) const noexcept {
  static_assert(crypto_generichash_BYTES_MIN == sizeof(Key));
  std::array<std::byte, sizeof epoch> message;
  store_big_endian(message.data(), epoch);
  Key key;
  const int result = crypto_generichash(key.data(), key.size(), as_sodium(message.data()),
                                        message.size(), as_sodium(secret_.data()), secret_.size());
  CHECK(result == 0);
  return key;
}

}  // namespace aquatic::server
