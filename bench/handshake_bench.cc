// SPDX-License-Identifier: Apache-2.0
// The bare handshake rate of the TLS library: full handshakes of TLS 1.3 in memory, without
// sockets, with nothing around them but the creation of the server's session.
//
//   handshake_bench CERTIFICATE.pem KEY.pem     prints JSON: CPU time of the server's side of each
//   handshake_bench --smoke                     does it still work?
//
// What a server adds to this is what its connections cost beside the cryptography.
#include <fmt/core.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <time.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string_view>
#include <vector>

namespace {

constexpr int kBlocks = 11;
constexpr int kHandshakesInBlock = 500;
constexpr int kSmokeHandshakes = 2;
constexpr long kDayS = 24 * 60 * 60;

template <auto kFree>
struct Free {
  template <class T>
  void operator()(T* object) const noexcept {
    kFree(object);
  }
};
using Context = std::unique_ptr<SSL_CTX, Free<SSL_CTX_free>>;
using Session = std::unique_ptr<SSL, Free<SSL_free>>;

void require(bool holds, std::string_view what) {
  if (holds) return;
  fmt::print(stderr, "error: {}\n", what);
  std::exit(1);
}

std::uint64_t thread_cpu_ns() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 +
         static_cast<std::uint64_t>(now.tv_nsec);
}

Context make_context(const SSL_METHOD* method) {
  Context context(SSL_CTX_new(method));
  require(context != nullptr, "no TLS context");
  SSL_CTX_set_min_proto_version(context.get(), TLS1_3_VERSION);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  return context;
}

// Moves what one side has written to the other.
void carry(SSL* from, SSL* to) {
  char* bytes = nullptr;
  BIO* out = SSL_get_wbio(from);
  const long count = BIO_get_mem_data(out, &bytes);
  if (count > 0) BIO_write(SSL_get_rbio(to), bytes, static_cast<int>(count));
  BIO_reset(out);
}

Session make_session(SSL_CTX* context) {
  Session session(SSL_new(context));
  SSL_set_bio(session.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
  return session;
}

// CPU time of the server's side.
std::uint64_t shake_hands(SSL_CTX* server_context, SSL_CTX* client_context) {
  std::uint64_t begin = thread_cpu_ns();
  Session server = make_session(server_context);
  SSL_set_accept_state(server.get());
  std::uint64_t spent = thread_cpu_ns() - begin;
  const Session client = make_session(client_context);
  SSL_set_connect_state(client.get());
  while (!SSL_is_init_finished(server.get())) {
    SSL_do_handshake(client.get());
    carry(client.get(), server.get());
    begin = thread_cpu_ns();
    SSL_do_handshake(server.get());
    spent += thread_cpu_ns() - begin;
    carry(server.get(), client.get());
  }
  begin = thread_cpu_ns();
  server.reset();
  return spent + thread_cpu_ns() - begin;
}

void use_files(SSL_CTX* context, const char* certificate, const char* key) {
  require(SSL_CTX_use_certificate_chain_file(context, certificate) == 1 &&
              SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) == 1,
          "the certificate or its key cannot be used");
}

void use_throw_away_certificate(SSL_CTX* context) {
  const std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>> key(EVP_EC_gen("P-256"));
  const std::unique_ptr<X509, Free<X509_free>> certificate(X509_new());
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), 0);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), kDayS);
  X509_set_pubkey(certificate.get(), key.get());
  require(X509_sign(certificate.get(), key.get(), EVP_sha256()) > 0 &&
              SSL_CTX_use_certificate(context, certificate.get()) == 1 &&
              SSL_CTX_use_PrivateKey(context, key.get()) == 1,
          "no certificate");
}

}  // namespace

int main(int argument_count, char** arguments) {
  const bool is_smoke = argument_count == 2 && std::string_view(arguments[1]) == "--smoke";
  require(is_smoke || argument_count == 3, "usage: handshake_bench CERTIFICATE.pem KEY.pem");
  const Context server = make_context(TLS_server_method());
  const Context client = make_context(TLS_client_method());
  SSL_CTX_set_num_tickets(server.get(), 1);
  if (is_smoke) {
    use_throw_away_certificate(server.get());
  } else {
    use_files(server.get(), arguments[1], arguments[2]);
  }
  const int handshakes = is_smoke ? kSmokeHandshakes : kHandshakesInBlock;
  std::vector<std::uint64_t> blocks;
  for (int block = 0; block < kBlocks; ++block) {
    std::uint64_t spent = 0;
    for (int i = 0; i < handshakes; ++i) spent += shake_hands(server.get(), client.get());
    blocks.push_back(spent / static_cast<std::uint64_t>(handshakes));
  }
  std::ranges::sort(blocks);
  fmt::print("{{\"library\":\"{}\",\"median_ns\":{},\"least_ns\":{},\"most_ns\":{}}}\n",
             OpenSSL_version(OPENSSL_VERSION), blocks[kBlocks / 2], blocks.front(), blocks.back());
}
