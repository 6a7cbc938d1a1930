// SPDX-License-Identifier: Apache-2.0
#include "load_test/connection_room.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

namespace aquatic::load_test {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

TEST(ConnectionRoom, AFewHaveRoom) { make_room_for_connections(100, "num_connections"); }

TEST(ConnectionRoom, SaysWhatToLowerWhereThereIsNone) {
  EXPECT_THAT([] { make_room_for_connections(16'777'216, "num_connections"); },
              ThrowsMessage<std::runtime_error>(HasSubstr("or lower num_connections")));
}

}  // namespace
}  // namespace aquatic::load_test
