// SPDX-License-Identifier: Apache-2.0
#include "net/tls_facts.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <time.h>

#include <algorithm>

#include "net/tls_credentials.h"

namespace aquatic::net {
namespace {

std::chrono::system_clock::time_point beginning_of(const TlsCredentials& credentials) {
  auto last = std::chrono::system_clock::time_point::min();
  for (const TlsCertificate& certificate : credentials.chain) {
    tm parts{};
    if (ASN1_TIME_to_tm(X509_get0_notBefore(certificate.get()), &parts) != 1) continue;
    last = std::max(last, std::chrono::system_clock::from_time_t(timegm(&parts)));
  }
  return last;
}

// By name and by signature: a renewed authority often keeps its name.
bool is_issued_by(X509* certificate, X509* issuer) {
  return X509_check_issued(issuer, certificate) == X509_V_OK &&
         X509_verify(certificate, X509_get0_pubkey(issuer)) == 1;
}

}  // namespace

TlsFacts read_tls_facts(const std::string& certificate_path, const std::string& key_path) {
  const TlsCredentials credentials = load_tls_credentials(certificate_path, key_path);
  const auto& chain = credentials.chain;
  TlsFacts facts{.begins = beginning_of(credentials), .expires = expiry_of(credentials)};
  facts.has_issuers = chain.size() > 1;
  facts.is_self_signed = is_issued_by(chain.front().get(), chain.front().get());
  for (std::size_t i = 1; i < chain.size(); ++i) {
    facts.is_linked = facts.is_linked && is_issued_by(chain[i - 1].get(), chain[i].get());
  }
  ERR_clear_error();
  return facts;
}

}  // namespace aquatic::net
