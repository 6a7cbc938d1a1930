// SPDX-License-Identifier: Apache-2.0
// What can be told of a certificate and its key before anybody connects. Control plane: throws.
#pragma once
#include <chrono>
#include <string>

namespace aquatic::net {

struct TlsFacts {
  std::chrono::system_clock::time_point begins;   // When the last of the chain becomes valid.
  std::chrono::system_clock::time_point expires;  // When the first of it expires.
  bool is_self_signed = false;                    // Only who was told of it before will trust it.
  // Each certificate is signed by the next one of the file. Without that, clients that do not know
  // the issuer already refuse it.
  bool is_linked = true;
  // The file has more than the server's own certificate.
  bool has_issuers = false;
};

// Reads both files as a tracker does. Throws std::runtime_error, with a sentence on what to do, if
// they are of no use.
TlsFacts read_tls_facts(const std::string& certificate_path, const std::string& key_path);

}  // namespace aquatic::net
