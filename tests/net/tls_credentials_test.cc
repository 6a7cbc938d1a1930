// SPDX-License-Identifier: Apache-2.0
#include "net/tls_credentials.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/err.h>

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>

#include "tests/support/certificates.h"

namespace aquatic::net {
namespace {

using testing::HasSubstr;

class TlsCredentialsTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    files_ = std::make_unique<test::Certificates>();
    files_->make_self_signed("first");
    files_->make_self_signed("second");
    files_->openssl(
        "req -x509 -newkey rsa:2048 -nodes -days 3 -subj /CN=rsa -keyout rsa.key -out rsa.pem");
  }
  static void TearDownTestSuite() { files_.reset(); }
  void TearDown() override { EXPECT_EQ(ERR_peek_error(), 0u); }

  static TlsCredentials load(const std::string& certificate, const std::string& key) {
    return load_tls_credentials(files_->path(certificate), files_->path(key));
  }
  static std::string error_of(const std::string& certificate, const std::string& key) {
    try {
      load(certificate, key);
    } catch (const std::runtime_error& error) {
      return error.what();
    }
    return "none";
  }

  static std::unique_ptr<test::Certificates> files_;
};

std::unique_ptr<test::Certificates> TlsCredentialsTest::files_;

TEST_F(TlsCredentialsTest, TakesKeysInEveryForm) {
  files_->openssl("ec -in first.key -out sec1.key");
  files_->openssl("ecparam -name prime256v1 -out parameters");
  files_->openssl("rsa -in rsa.key -traditional -out pkcs1.key");
  files_->write("both", files_->read("parameters") + files_->read("sec1.key"));
  files_->write("all", files_->read("first.pem") + files_->read("first.key"));
  ASSERT_THAT(files_->read("sec1.key"), HasSubstr("BEGIN EC PRIVATE KEY"));
  ASSERT_THAT(files_->read("pkcs1.key"), HasSubstr("BEGIN RSA PRIVATE KEY"));
  EXPECT_EQ(error_of("first.pem", "first.key"), "none");
  EXPECT_EQ(error_of("first.pem", "sec1.key"), "none");
  EXPECT_EQ(error_of("first.pem", "both"), "none");
  EXPECT_EQ(error_of("rsa.pem", "rsa.key"), "none");
  EXPECT_EQ(error_of("rsa.pem", "pkcs1.key"), "none");
  EXPECT_EQ(error_of("all", "all"), "none");
}

TEST_F(TlsCredentialsTest, TakesAChainAndWhenItsFirstExpires) {
  files_->write("chain", "remark\r\n" + files_->read("rsa.pem") + "\n" + files_->read("first.pem"));
  const TlsCredentials credentials = load("chain", "rsa.key");
  EXPECT_EQ(credentials.chain.size(), 2u);
  EXPECT_EQ(expiry_of(credentials), expiry_of(load("first.pem", "first.key")));
  EXPECT_LT(expiry_of(credentials), expiry_of(load("rsa.pem", "rsa.key")));
  EXPECT_GT(expiry_of(credentials), std::chrono::system_clock::now());
}

TEST_F(TlsCredentialsTest, SaysWhatIsWrongAndWhatToDo) {
  files_->write("empty", "");
  files_->write("text", "Certificates are kept in the safe.\n");
  files_->write("large", std::string(200'000, 'x'));
  files_->write("damaged.pem", "-----BEGIN CERTIFICATE-----\nAA!A\n-----END CERTIFICATE-----\n");
  files_->write("cut.pem", files_->read("first.pem").substr(0, 300));
  files_->write("second_damaged", files_->read("first.pem") + files_->read("damaged.pem"));
  files_->write("damaged.key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
  files_->write("cut.key", files_->read("first.key").substr(0, 100));
  files_->write("upside_down", files_->read("second.pem") + files_->read("first.pem"));
  files_->openssl("pkcs8 -topk8 -in first.key -passout pass:x -out encrypted.key");
  files_->openssl("ec -in first.key -aes128 -passout pass:x -out encrypted_sec1.key");
  files_->openssl("x509 -in first.pem -outform DER -out certificate.der");
  files_->openssl("pkey -in first.key -outform DER -out key.der");
  struct Case {
    std::string certificate, key, problem, remedy;
  };
  const Case cases[] = {
      {"absent", "first.key", "cannot read", "absent: No such file"},
      {"large", "first.key", "large is too large", "at most"},
      {"empty", "first.key", "empty has no certificate", "`-----BEGIN CERTIFICATE-----`"},
      {"text", "first.key", "text has no certificate", "name the file"},
      {"first.key", "first.key", "first.key has no certificate", "name the file"},
      {"certificate.der", "first.key", "not PEM but DER", "`openssl x509 -inform DER"},
      {"damaged.pem", "first.key", "certificate 1 in", "damaged"},
      {"cut.pem", "first.key", "certificate 1 in", "damaged"},
      {"second_damaged", "first.key", "certificate 2 in", "damaged"},
      {"first.pem", "absent", "cannot read", "absent: No such file"},
      {"first.pem", "empty", "empty has no private key", "`-----BEGIN PRIVATE KEY-----`"},
      {"first.pem", "first.pem", "first.pem has no private key", "name the file"},
      {"first.pem", "key.der", "not PEM but DER", "`openssl pkey -inform DER"},
      {"first.pem", "damaged.key", "the private key in", "damaged"},
      {"first.pem", "cut.key", "the private key in", "damaged"},
      {"first.pem", "encrypted.key", "is encrypted", "`openssl pkey -in"},
      {"first.pem", "encrypted_sec1.key", "is encrypted", "`openssl pkey -in"},
      {"first.pem", "second.key", "second.key does not belong", "made together"},
      {"first.pem", "rsa.key", "rsa.key does not belong", "made together"},
      {"upside_down", "first.key", "belongs to certificate 2", "to the top"},
  };
  for (const auto& [certificate, key, problem, remedy] : cases) {
    const std::string error = error_of(certificate, key);
    EXPECT_THAT(error, HasSubstr(problem)) << certificate << " " << key;
    EXPECT_THAT(error, HasSubstr(remedy)) << certificate << " " << key;
    EXPECT_EQ(ERR_peek_error(), 0u) << certificate << " " << key;
  }
}

}  // namespace
}  // namespace aquatic::net
