// SPDX-License-Identifier: Apache-2.0
#include "server/stream/tls_files.h"

#include <functional>
#include <utility>

#include "base/file.h"

namespace aquatic::server {
namespace {

// A chain of a dozen certificates has some 30 kB; whatever is larger than this is another file.
constexpr std::size_t kMaxFileBytes = std::size_t{1} << 20;

}  // namespace

TlsFiles::TlsFiles(std::string certificate_path, std::string key_path)
    : certificate_path_(std::move(certificate_path)), key_path_(std::move(key_path)) {
  load(fingerprint());
}

void TlsFiles::set_paths(std::string certificate_path, std::string key_path) {
  certificate_path_ = std::move(certificate_path);
  key_path_ = std::move(key_path);
}

bool TlsFiles::reload() {
  const std::size_t now = fingerprint();
  if (now == fingerprint_) return false;
  load(now);
  return true;
}

std::size_t TlsFiles::fingerprint() const {
  const std::string certificate = read_file(certificate_path_, kMaxFileBytes);
  return std::hash<std::string>()(certificate + read_file(key_path_, kMaxFileBytes));
}

// Files that change in between are read now and found to have changed by the next reload.
void TlsFiles::load(std::size_t fingerprint) {
  const auto previous = context_.current();
  context_.replace(net::TlsContext::load(certificate_path_, key_path_, previous.get()));
  fingerprint_ = fingerprint;
}

}  // namespace aquatic::server
