// SPDX-License-Identifier: Apache-2.0
#include "net/tls_facts.h"

#include <gtest/gtest.h>
#include <openssl/err.h>

#include <chrono>
#include <memory>
#include <stdexcept>

#include "tests/support/certificates.h"

namespace aquatic::net {
namespace {

using std::chrono::hours;
using std::chrono::system_clock;

// "own" is issued by "root"; "other" has nothing to do with either.
class ReadTlsFacts : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    files_ = std::make_unique<test::Certificates>();
    files_->make_self_signed("root");
    files_->make_self_signed("other");
    files_->issue("own", "root", 1);
  }
  static void TearDownTestSuite() { files_.reset(); }
  void TearDown() override { EXPECT_EQ(ERR_peek_error(), 0u); }

  static TlsFacts facts_of(const std::string& certificate, const std::string& key) {
    return read_tls_facts(files_->path(certificate), files_->path(key));
  }

  static std::unique_ptr<test::Certificates> files_;
};

std::unique_ptr<test::Certificates> ReadTlsFacts::files_;

TEST_F(ReadTlsFacts, TellsWhenTheChainIsValid) {
  files_->write("chain.pem", files_->read("own.pem") + files_->read("root.pem"));
  const TlsFacts facts = facts_of("chain.pem", "own.key");
  const auto now = system_clock::now();
  EXPECT_LE(facts.begins, now + hours(1));
  EXPECT_GT(facts.begins, now - hours(1));
  EXPECT_GT(facts.expires, now + hours(23)) << "a day, not the two of its issuer";
  EXPECT_LT(facts.expires, now + hours(25));
}

TEST_F(ReadTlsFacts, TellsSelfSignedFromIssued) {
  EXPECT_TRUE(facts_of("root.pem", "root.key").is_self_signed);
  EXPECT_FALSE(facts_of("own.pem", "own.key").is_self_signed);
  EXPECT_FALSE(facts_of("own.pem", "own.key").has_issuers);
}

TEST_F(ReadTlsFacts, SeesAGapInTheChain) {
  files_->write("right.pem", files_->read("own.pem") + files_->read("root.pem"));
  files_->write("wrong.pem", files_->read("own.pem") + files_->read("other.pem"));
  EXPECT_TRUE(facts_of("right.pem", "own.key").is_linked);
  EXPECT_TRUE(facts_of("right.pem", "own.key").has_issuers);
  EXPECT_FALSE(facts_of("wrong.pem", "own.key").is_linked);
}

TEST_F(ReadTlsFacts, RefusesAKeyOfAnother) {
  EXPECT_THROW(facts_of("own.pem", "other.key"), std::runtime_error);
}

}  // namespace
}  // namespace aquatic::net
