// SPDX-License-Identifier: Apache-2.0
#include "server/doctor/doctor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace aquatic::server {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

TEST(Doctor, WritesWhatItIsAndWhatToDo) {
  EXPECT_EQ(to_text({}), "Nothing to be said against it.\n");
  EXPECT_EQ(to_text({{Finding::Severity::broken, "a is b", "make it c"},
                     {Finding::Severity::hint, "d", "e\nf"}}),
            "broken  a is b\n        make it c\nhint    d\n        e\n        f\n");
}

TEST(Doctor, FailsOverWhatWillNotWork) {
  RunConfig config;
  config.network.use_ipv6 = false;
  config.network.address_ipv4 = "127.0.0.1:0";
  config.metrics.run_prometheus_endpoint = false;
  testing::internal::CaptureStdout();
  EXPECT_NO_THROW(run_doctor(config)) << "whatever else this machine has";
  config.access_list.mode = access_list::Mode::deny;
  config.access_list.path = "/nowhere/list.txt";
  EXPECT_THAT([&] { run_doctor(config); },
              ThrowsMessage<std::runtime_error>(HasSubstr("1 of this will not work")));
  EXPECT_THAT(testing::internal::GetCapturedStdout(), HasSubstr("broken  "));
}

}  // namespace
}  // namespace aquatic::server
