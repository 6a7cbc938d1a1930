// SPDX-License-Identifier: Apache-2.0
#include "net/proxy_greeting.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "tests/support/socket_pair.h"

namespace aquatic::net {
namespace {

const Endpoint kSource = *Endpoint::parse("192.0.2.1:4000");
const Endpoint kDestination = *Endpoint::parse("198.51.100.1:80");

class ProxyGreetingTest : public testing::Test {
 protected:
  ProxyGreetingTest() : ProxyGreetingTest(test::make_socket_pair()) {
    encode_proxy_header_v2(kSource, kDestination, header_);
  }

  auto read() { return read_proxy_header(socket_, begun_, scratch_); }
  std::string rest() {
    const IoResult result = socket_.receive(scratch_);
    return std::string(as_text(Bytes(scratch_).first(result.bytes)));
  }

  StreamSocket socket_;
  test::TcpPeer peer_;
  ByteBuffer header_;
  ByteBuffer begun_;
  std::array<std::byte, kMaxProxyHeaderBytes> scratch_;

 private:
  explicit ProxyGreetingTest(std::pair<FileDescriptor, test::TcpPeer> pair)
      : socket_(std::move(pair.first)), peer_(std::move(pair.second)) {}
};

TEST_F(ProxyGreetingTest, TakesTheHeaderAndNothingElse) {
  EXPECT_EQ(read().error(), ProxyGreetingError::incomplete);
  peer_.send(header_.text());
  peer_.send("what follows");
  const auto header = read();
  ASSERT_TRUE(header.has_value());
  EXPECT_EQ(header->source, kSource);
  EXPECT_EQ(begun_.capacity(), 0u);
  EXPECT_EQ(rest(), "what follows");
}

TEST_F(ProxyGreetingTest, TakesWhatThereIsOfAHeader) {
  for (const char c : header_.text().substr(0, header_.size() - 1)) {
    peer_.send({&c, 1});
    EXPECT_EQ(read().error(), ProxyGreetingError::incomplete);
    EXPECT_EQ(socket_.peek(scratch_).status, IoResult::Status::wants_read) << "nothing stays";
  }
  peer_.send(std::string(header_.text().substr(header_.size() - 1)) + "what follows");
  EXPECT_EQ(read()->source, kSource);
  EXPECT_EQ(rest(), "what follows");
}

TEST_F(ProxyGreetingTest, SaysWhatIsWrong) {
  peer_.send(header_.text().substr(0, 5));
  EXPECT_EQ(read().error(), ProxyGreetingError::incomplete);
  peer_.send("GET / HTTP/1.1");
  EXPECT_EQ(read().error(), ProxyGreetingError::malformed);
}

TEST_F(ProxyGreetingTest, SaysWhenThePeerCloses) {
  peer_.send(header_.text().substr(0, 5));
  peer_.end_output();
  EXPECT_EQ(read().error(), ProxyGreetingError::incomplete);
  EXPECT_EQ(read().error(), ProxyGreetingError::closed);
}

}  // namespace
}  // namespace aquatic::net
