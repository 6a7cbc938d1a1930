// SPDX-License-Identifier: Apache-2.0
// The certificate and the key of a tracker: read from their files, and again when these change.
//
// Control plane; workers read the context in force.
#pragma once
#include <cstddef>
#include <string>

#include "base/snapshot.h"
#include "net/tls.h"

namespace aquatic::server {

class TlsFiles {
 public:
  // Throws std::runtime_error with one sentence that names the file if they are of no use.
  TlsFiles(std::string certificate_path, std::string key_path);

  // What new connections use; never null.
  const Snapshot<net::TlsContext>& context() const noexcept { return context_; }

  // Where the files are from the next reload() on.
  void set_paths(std::string certificate_path, std::string key_path);

  // Reads the files again; connections that are open stay as they are. Returns whether there was
  // anything new. Throws as above, and everything stays as it was.
  bool reload();

 private:
  // Tells the contents of both files from others. The key itself is kept nowhere.
  std::size_t fingerprint() const;
  void load(std::size_t fingerprint);

  std::string certificate_path_;
  std::string key_path_;
  std::size_t fingerprint_ = 0;  // Of the files that were loaded.
  Snapshot<net::TlsContext> context_;
};

}  // namespace aquatic::server
