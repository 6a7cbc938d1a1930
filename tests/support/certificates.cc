// SPDX-License-Identifier: Apache-2.0
#include "tests/support/certificates.h"

#include <cstdlib>
#include <stdexcept>

#include "base/file.h"

namespace aquatic::test {

void Certificates::openssl(const std::string& arguments) const {
  const std::string command = "cd '" + folder_.path() + "' && openssl " + arguments + " >log 2>&1";
  if (std::system(command.c_str()) != 0) {
    throw std::runtime_error("openssl " + arguments + " failed: " + read("log"));
  }
}

void Certificates::make_self_signed(const std::string& name) const {
  openssl("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=" + name +
          " -keyout " + name + ".key -out " + name + ".pem");
}

void Certificates::issue(const std::string& name, const std::string& issuer, int days) const {
  openssl("req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=" + name +
          " -keyout " + name + ".key -out " + name + ".csr");
  openssl("x509 -req -in " + name + ".csr -CA " + issuer + ".pem -CAkey " + issuer +
          ".key -set_serial 1 -days " + std::to_string(days) + " -out " + name + ".pem");
}

void Certificates::write(const std::string& file, const std::string& text) const {
  folder_.write(file, text);
}

std::string Certificates::read(const std::string& file) const {
  constexpr std::size_t kMaxBytes = 1 << 20;
  return read_file(path(file), kMaxBytes);
}

}  // namespace aquatic::test
