// SPDX-License-Identifier: Apache-2.0
#include "server/stream/tls_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/certificates.h"

namespace aquatic::server {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

class TlsFilesTest : public testing::Test {
 protected:
  TlsFilesTest() {
    files_.make_self_signed("old");
    files_.make_self_signed("new");
    install("old");
  }

  void install(const std::string& name) {
    files_.write("tls.pem", files_.read(name + ".pem"));
    files_.write("tls.key", files_.read(name + ".key"));
  }
  TlsFiles open() const { return TlsFiles(files_.path("tls.pem"), files_.path("tls.key")); }

  test::Certificates files_;
};

TEST_F(TlsFilesTest, ReadsAgainOnlyWhatHasChanged) {
  TlsFiles tls = open();
  const auto before = tls.context().current();
  ASSERT_NE(before, nullptr);
  EXPECT_FALSE(tls.reload());
  install("old");
  EXPECT_FALSE(tls.reload()) << "the same, written again";
  EXPECT_EQ(tls.context().current(), before);
  install("new");
  EXPECT_TRUE(tls.reload());
  EXPECT_NE(tls.context().current(), before);
  EXPECT_FALSE(tls.reload());
}

TEST_F(TlsFilesTest, KeepsWhatItHasWhereTheNewFilesAreBad) {
  TlsFiles tls = open();
  const auto before = tls.context().current();
  files_.write("tls.key", files_.read("new.key"));
  EXPECT_THAT([&] { tls.reload(); },
              ThrowsMessage<std::runtime_error>(HasSubstr(files_.path("tls.key"))));
  files_.write("tls.pem", "nonsense");
  EXPECT_THROW(tls.reload(), std::runtime_error);
  EXPECT_EQ(tls.context().current(), before);
  install("new");
  EXPECT_TRUE(tls.reload()) << "tried again once they are good";
}

TEST_F(TlsFilesTest, NamesAFileThatIsNotThere) {
  EXPECT_THAT([&] { TlsFiles(files_.path("none.pem"), files_.path("tls.key")); },
              ThrowsMessage<std::runtime_error>(HasSubstr(files_.path("none.pem"))));
  EXPECT_THAT([&] { TlsFiles(files_.path("tls.pem"), files_.path("none.key")); },
              ThrowsMessage<std::runtime_error>(HasSubstr(files_.path("none.key"))));
}

}  // namespace
}  // namespace aquatic::server
