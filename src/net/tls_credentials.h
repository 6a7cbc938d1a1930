// SPDX-License-Identifier: Apache-2.0
// What a server shows and proves: its certificate, those of its issuers, and the private key, read
// from files that administrators make.
//
// Part of the implementation of net/tls.h. Control plane: throws.
#pragma once
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace aquatic::net {

struct TlsFree {
  void operator()(X509* certificate) const noexcept { X509_free(certificate); }
  void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
};
using TlsCertificate = std::unique_ptr<X509, TlsFree>;
using TlsKey = std::unique_ptr<EVP_PKEY, TlsFree>;

struct TlsCredentials {
  std::vector<TlsCertificate> chain;  // At least one; the first is the server's own.
  TlsKey key;                         // Belongs to the first.
};

// Both files are PEM and may hold other things beside; the key is PKCS#8, PKCS#1 or SEC1. Throws
// std::runtime_error with one sentence that names the file and what to do about it. Never asks
// anybody for a pass phrase.
TlsCredentials load_tls_credentials(const std::string& certificate_path,
                                    const std::string& key_path);

// When the first certificate of the chain to expire does so.
std::chrono::system_clock::time_point expiry_of(const TlsCredentials& credentials);

// Why OpenSSL refused, by the first of its errors of this thread, which are all forgotten.
std::string take_tls_error();

}  // namespace aquatic::net
