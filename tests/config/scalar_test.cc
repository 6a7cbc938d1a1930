// SPDX-License-Identifier: Apache-2.0
#include "config/scalar.h"

#include <gtest/gtest.h>

#include <limits>

namespace aquatic::config {
namespace {

using Text = std::string;
using Whole = std::int64_t;

TEST(Scalar, IsWrittenAsToml) {
  EXPECT_EQ(written(true), "true");
  EXPECT_EQ(written(Whole{-5}), "-5");
  EXPECT_EQ(written(0.25), "0.25");
  EXPECT_EQ(written(1.0), "1.0") << "a float needs a point";
  EXPECT_EQ(written(Text("a\"b\\c\n")), R"("a\"b\\c\u000a")");
}

TEST(Scalar, BecomesEveryTypeItFits) {
  EXPECT_EQ(from_scalar<bool>(true), true);
  EXPECT_EQ(from_scalar<std::uint16_t>(Whole{65'535}), 65'535);
  EXPECT_EQ(from_scalar<double>(Whole{2}), 2.0) << "a whole number is a number";
  EXPECT_EQ(from_scalar<Text>(Text("a")), "a");
  EXPECT_EQ(from_scalar<log::Level>(Text("trace")), log::Level::trace);
  EXPECT_EQ(from_scalar<Ipv4Endpoint>(Text("10.0.0.1:80"))->port, 80);
}

TEST(Scalar, BecomesNothingElse) {
  EXPECT_FALSE(from_scalar<bool>(Whole{1}));
  EXPECT_FALSE(from_scalar<bool>(Text("true")));
  EXPECT_FALSE(from_scalar<std::uint16_t>(Whole{65'536}));
  EXPECT_FALSE(from_scalar<std::uint16_t>(Whole{-1}));
  EXPECT_FALSE(from_scalar<std::uint32_t>(1.0));
  EXPECT_FALSE(from_scalar<double>(Text("1")));
  EXPECT_FALSE(from_scalar<Text>(true));
  EXPECT_FALSE(from_scalar<log::Level>(Text("Trace")));
  EXPECT_FALSE(from_scalar<log::Level>(Whole{1}));
}

TEST(Scalar, ComesBackFromEveryType) {
  EXPECT_EQ(to_scalar(std::uint64_t{5}), Scalar(Whole{5}));
  EXPECT_EQ(to_scalar(log::Format::json), Scalar(Text("json")));
  EXPECT_EQ(to_scalar(AnyEndpoint("[::1]:80")), Scalar(Text("[::1]:80")));
  EXPECT_EQ(to_scalar(Secret{}), Scalar(Text("")));
}

TEST(Form, SaysWhatToWrite) {
  EXPECT_EQ(form_of<bool>(), "true or false");
  EXPECT_EQ(form_of<log::Format>(), R"(one of "text", "json")");
  EXPECT_EQ(form_of<std::uint16_t>(1, 74), "a whole number from 1 to 74");
  EXPECT_EQ(form_of<double>(0, 0.5), "a number from 0.0 to 0.5");
}

}  // namespace
}  // namespace aquatic::config
