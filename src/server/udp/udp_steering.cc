// SPDX-License-Identifier: Apache-2.0
#include "server/udp/udp_steering.h"

#include <bit>
#include <iterator>

#include "base/check.h"
#include "protocol/udp/message.h"

namespace aquatic::server {
namespace {

// Where both requests keep them, from the first byte of the payload.
constexpr std::uint32_t kActionOffset = 8;
constexpr std::uint32_t kInfoHashOffset = 16;
constexpr std::uint32_t kWordBytes = InfoHash::kBytes / InfoHashHasher::kWords;
// A shorter datagram has no whole info hash. Without this test a load beyond its end would end
// the program with 0, and every short datagram would go to the first worker.
constexpr std::uint32_t kLeastBytes = kInfoHashOffset + InfoHash::kBytes;

sock_filter statement(int code, std::uint32_t k) {
  return {static_cast<std::uint16_t>(code), 0, 0, k};
}

sock_filter jump(int code, std::uint32_t k, std::size_t if_true, std::size_t if_false) {
  return {static_cast<std::uint16_t>(code), static_cast<std::uint8_t>(if_true),
          static_cast<std::uint8_t>(if_false), k};
}

// A = InfoHashHasher::steer(the info hash of the datagram).
std::vector<sock_filter> steer_steps(const InfoHashHasher& hasher) {
  std::vector<sock_filter> steps = {statement(BPF_LD | BPF_IMM, 0)};
  for (std::uint32_t i = 0; i < InfoHashHasher::kSteerRounds; ++i) {
    if (i < InfoHashHasher::kWords) {
      steps.push_back(statement(BPF_MISC | BPF_TAX, 0));
      steps.push_back(statement(BPF_LD | BPF_W | BPF_ABS, kInfoHashOffset + i * kWordBytes));
      steps.push_back(statement(BPF_ALU | BPF_ADD | BPF_X, 0));
    }
    steps.push_back(statement(BPF_ALU | BPF_MUL | BPF_K, hasher.steer_keys()[i]));
    steps.push_back(statement(BPF_MISC | BPF_TAX, 0));
    steps.push_back(statement(BPF_ALU | BPF_RSH | BPF_K, InfoHashHasher::kSteerShift));
    steps.push_back(statement(BPF_ALU | BPF_XOR | BPF_X, 0));
  }
  return steps;
}

}  // namespace

std::vector<sock_filter> steering_program(const InfoHashHasher& hasher, std::uint32_t shard_count,
                                          std::uint32_t worker_count) {
  CHECK(std::has_single_bit(shard_count));
  CHECK(worker_count > 0);
  std::vector<sock_filter> hash = steer_steps(hasher);
  hash.push_back(statement(BPF_ALU | BPF_AND | BPF_K, shard_count - 1));

  std::vector<sock_filter> program = {
      statement(BPF_LD | BPF_W | BPF_LEN, 0),
      jump(BPF_JMP | BPF_JGE | BPF_K, kLeastBytes, 0, 3),
      statement(BPF_LD | BPF_W | BPF_ABS, kActionOffset),
      jump(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(udp::Action::announce), 3, 0),
      jump(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(udp::Action::scrape), 2, 0),
      statement(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(SKF_AD_OFF + SKF_AD_RANDOM)),
      statement(BPF_JMP | BPF_JA, static_cast<std::uint32_t>(hash.size())),
  };
  program.insert(program.end(), hash.begin(), hash.end());
  program.push_back(statement(BPF_ALU | BPF_MOD | BPF_K, worker_count));
  program.push_back(statement(BPF_RET | BPF_A, 0));
  return program;
}

}  // namespace aquatic::server
