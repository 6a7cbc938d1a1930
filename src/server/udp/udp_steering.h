// SPDX-License-Identifier: Apache-2.0
// The program with which the kernel picks the worker of a datagram.
//
// Announces and scrapes go by their (first) info hash, so that a shard of the swarm is almost
// always used by one worker: its lock stays uncontended and its lines in one cache. Everything
// else is spread at random. Nothing but speed depends on it.
#pragma once
#include <linux/filter.h>

#include <cstdint>
#include <vector>

#include "base/info_hash_hasher.h"

namespace aquatic::server {

// Classic BPF for SO_ATTACH_REUSEPORT_CBPF: returns the index of a worker's socket in bind order,
// which is (hasher.steer(info_hash) mod shard_count) mod worker_count.
// Requires: shard_count is a power of two, worker_count > 0.
std::vector<sock_filter> steering_program(const InfoHashHasher& hasher, std::uint32_t shard_count,
                                          std::uint32_t worker_count);

}  // namespace aquatic::server
