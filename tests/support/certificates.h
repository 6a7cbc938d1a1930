// SPDX-License-Identifier: Apache-2.0
// Throw-away certificates and keys in PEM, made by the openssl command.
#pragma once
#include <string>

#include "tests/support/scratch_folder.h"

namespace aquatic::test {

// A folder of its own, removed in the end.
class Certificates {
 public:
  std::string path(const std::string& file) const { return folder_.path(file); }

  // Runs `openssl ARGUMENTS` in the folder. Throws std::runtime_error if it fails.
  void openssl(const std::string& arguments) const;
  // NAME.pem and NAME.key: a self-signed certificate and its PKCS#8 key, on P-256.
  void make_self_signed(const std::string& name) const;
  // The same, signed by an issuer that was made before.
  void issue(const std::string& name, const std::string& issuer, int days) const;

  void write(const std::string& file, const std::string& text) const;
  std::string read(const std::string& file) const;

 private:
  ScratchFolder folder_;
};

}  // namespace aquatic::test
