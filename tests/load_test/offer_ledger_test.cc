// SPDX-License-Identifier: Apache-2.0
#include "load_test/offer_ledger.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace aquatic::load_test {
namespace {

using Arrival = OfferLedger::Arrival;

TEST(OfferLedger, AnOfferAndItsAnswerArriveOnce) {
  OfferLedger ledger(2);
  ledger.make(1, 1);
  EXPECT_EQ(ledger.relay(1, 1), Arrival::first);
  EXPECT_EQ(ledger.relay(1, 1), Arrival::repeated);
  EXPECT_EQ(ledger.answer(1, 1), Arrival::first);
  EXPECT_EQ(ledger.answer(1, 1), Arrival::repeated);
  EXPECT_EQ(ledger.relay(1, 1), Arrival::repeated);
}

TEST(OfferLedger, WhatNobodyMadeIsUnknown) {
  OfferLedger ledger(2);
  ledger.make(0, 1);
  EXPECT_EQ(ledger.relay(1, 1), Arrival::unknown);
  EXPECT_EQ(ledger.relay(0, 2), Arrival::unknown);
  EXPECT_EQ(ledger.relay(0, 0), Arrival::unknown);
  EXPECT_EQ(ledger.relay(2, 1), Arrival::unknown);
  EXPECT_EQ(ledger.answer(0, 1), Arrival::unknown);  // It has not arrived.
}

TEST(OfferLedger, ForgetsTheOldest) {
  OfferLedger ledger(1);
  for (std::uint32_t serial = 1; serial <= OfferLedger::kRemembered + 1; ++serial) {
    ledger.make(0, serial);
  }
  EXPECT_EQ(ledger.relay(0, 1), Arrival::forgotten);
  EXPECT_EQ(ledger.relay(0, 2), Arrival::first);
}

TEST(OfferLedger, OfManyWorkersOneIsTheFirst) {
  OfferLedger ledger(1);
  constexpr std::uint32_t kOffers = 500;
  for (std::uint32_t serial = 1; serial <= kOffers; ++serial) ledger.make(0, serial);
  std::atomic<std::uint32_t> first = 0;
  {
    std::vector<std::jthread> workers;
    for (int i = 0; i < 4; ++i) {
      workers.emplace_back([&] {
        for (std::uint32_t serial = 1; serial <= kOffers; ++serial) {
          if (ledger.relay(0, serial) == Arrival::first) ++first;
        }
      });
    }
  }
  EXPECT_EQ(first, kOffers);
}

}  // namespace
}  // namespace aquatic::load_test
