// SPDX-License-Identifier: Apache-2.0
#include "net/tls_credentials.h"

#include <fmt/core.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <time.h>

#include <algorithm>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "base/file.h"

namespace aquatic::net {
namespace {

// Chains have two to four certificates of about two kilobytes. Whoever names the bundle of all
// authorities by mistake, half a megabyte in one sentence of an answer, should hear of it.
constexpr std::size_t kMaxFileBytes = 128 * 1024;

// DER begins with the mark of a sequence, which as a character is a zero, and soon comes that of an
// integer, which is none of any text.
bool is_der(std::string_view bytes) {
  return bytes.starts_with('\x30') && bytes.find('\x02') != bytes.npos;
}

struct FreeBio {
  void operator()(BIO* bio) const noexcept { BIO_free(bio); }
};
using Reader = std::unique_ptr<BIO, FreeBio>;

// Borrows the text.
Reader reader_of(const std::string& text) {
  Reader reader(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  CHECK(reader != nullptr);
  return reader;
}

[[noreturn]] void fail(const std::string& sentence) { throw std::runtime_error(sentence); }

// Why a file without what we look for is like that, as far as one can see.
[[noreturn]] void fail_without(std::string_view what, const std::string& path,
                               const std::string& text, std::string_view command) {
  if (is_der(text)) {
    fail(
        fmt::format("{} is not PEM but DER: convert it with `openssl {} -inform DER -in {} -out "
                    "NEW_FILE` and name the new file",
                    path, command, path));
  }
  fail(fmt::format("{} has no {} in PEM form: name the file with the line `-----BEGIN {}-----`",
                   path, what, command == "x509" ? "CERTIFICATE" : "PRIVATE KEY"));
}

bool has_found_nothing() {
  return ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE &&
         ERR_GET_LIB(ERR_peek_last_error()) == ERR_LIB_PEM;
}

std::vector<TlsCertificate> load_chain(const std::string& path) {
  const std::string text = read_file(path, kMaxFileBytes);
  const Reader reader = reader_of(text);
  std::vector<TlsCertificate> chain;
  ERR_clear_error();
  while (TlsCertificate next{PEM_read_bio_X509(reader.get(), nullptr, nullptr, nullptr)}) {
    chain.push_back(std::move(next));
  }
  if (!has_found_nothing()) {
    fail(fmt::format("certificate {} in {} is damaged ({}): replace the file", chain.size() + 1,
                     path, take_tls_error()));
  }
  ERR_clear_error();
  if (chain.empty()) fail_without("certificate", path, text, "x509");
  return chain;
}

// Called when a pass phrase is needed; without it OpenSSL would ask at the terminal.
int refuse_pass_phrase(char*, int, int, void* was_asked) {
  *static_cast<bool*>(was_asked) = true;
  return -1;
}

TlsKey load_key(const std::string& path) {
  const std::string text = read_file(path, kMaxFileBytes);
  const Reader reader = reader_of(text);
  bool was_asked = false;
  ERR_clear_error();
  TlsKey key(PEM_read_bio_PrivateKey(reader.get(), nullptr, refuse_pass_phrase, &was_asked));
  if (key != nullptr) return key;
  const bool was_absent = text.find("PRIVATE KEY-----") == text.npos;
  const std::string reason = take_tls_error();
  if (was_asked) {
    fail(
        fmt::format("the private key in {} is encrypted, and there is nobody to ask for its pass "
                    "phrase: decrypt it with `openssl pkey -in {} -out NEW_FILE`",
                    path, path));
  }
  if (was_absent) fail_without("private key", path, text, "pkey");
  fail(fmt::format("the private key in {} is damaged ({}): replace the file", path, reason));
}

void must_belong_together(const TlsCredentials& credentials, const std::string& certificate_path,
                          const std::string& key_path) {
  const auto fits = [&](const TlsCertificate& certificate) {
    return X509_check_private_key(certificate.get(), credentials.key.get()) == 1;
  };
  const auto owner = std::ranges::find_if(credentials.chain, fits);
  ERR_clear_error();
  if (owner == credentials.chain.begin()) return;
  if (owner != credentials.chain.end()) {
    fail(
        fmt::format("the private key in {} belongs to certificate {} in {}: move that to the top, "
                    "as the server's own has to come first",
                    key_path, owner - credentials.chain.begin() + 1, certificate_path));
  }
  fail(
      fmt::format("the private key in {} does not belong to the certificate in {}: name two files "
                  "that were made together",
                  key_path, certificate_path));
}

}  // namespace

TlsCredentials load_tls_credentials(const std::string& certificate_path,
                                    const std::string& key_path) {
  TlsCredentials credentials{load_chain(certificate_path), load_key(key_path)};
  must_belong_together(credentials, certificate_path, key_path);
  return credentials;
}

std::chrono::system_clock::time_point expiry_of(const TlsCredentials& credentials) {
  auto first = std::chrono::system_clock::time_point::max();
  for (const TlsCertificate& certificate : credentials.chain) {
    tm parts{};
    if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate.get()), &parts) != 1) continue;
    first = std::min(first, std::chrono::system_clock::from_time_t(timegm(&parts)));
  }
  ERR_clear_error();
  return first;
}

std::string take_tls_error() {
  const char* reason = ERR_reason_error_string(ERR_peek_error());
  ERR_clear_error();
  return reason == nullptr ? "no reason given" : reason;
}

}  // namespace aquatic::net
