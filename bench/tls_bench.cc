// SPDX-License-Identifier: Apache-2.0
// What TLS costs a server: net/tls, which is OpenSSL, beside GnuTLS and beside no TLS at all.
//
//   tls_bench [cpu|memory]… [--rounds N]   everything, or what is named
//   tls_bench --smoke                      a few milliseconds; does it still work?
//
// Each server is one thread with one epoll loop on a CPU of its own; the clients, OpenSSL for all,
// are another process on another CPU. CPU time is the server thread's, with what the kernel does in
// its name. Rounds of what is compared are interleaved; figures are medians with the least and the
// greatest.
#include <pthread.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "base/check.h"
#include "bench/tls_client.h"
#include "bench/tls_clients.h"
#include "bench/tls_gnutls.h"
#include "bench/tls_server.h"
#include "net/stream_socket.h"
#include "net/tls.h"
#include "process/open_files.h"
#include "tests/support/certificates.h"

namespace aquatic::bench {
namespace {

using std::chrono::milliseconds;
using PlainOrOpenssl = BenchServer<net::StreamSocket, net::TlsContext>;
using Gnutls = BenchServer<GnutlsSocket, GnutlsContext>;

constexpr std::size_t kLeastRounds = 7;
constexpr std::size_t kClients = 4;  // So that the server finds several ready now and then.

#if defined(NDEBUG) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
constexpr bool kIsRelease = true;
#else
constexpr bool kIsRelease = false;
#endif

struct Options {
  bool is_smoke = false;
  bool wants_cpu = true;
  bool wants_memory = true;
  std::size_t rounds = 11;
};

enum Library : std::size_t { kNone, kOpenssl, kGnutls, kLibraries };
constexpr std::array<const char*, kLibraries> kNames = {"no TLS", "OpenSSL", "GnuTLS"};

// Certificates of both kinds, and what both libraries made of them.
struct Credentials {
  explicit Credentials(const test::Certificates& files, const std::string& name)
      : openssl(
            net::TlsContext::load(files.path(name + ".pem"), files.path(name + ".key"), nullptr)),
        gnutls(files.path(name + ".pem"), files.path(name + ".key")) {}

  std::shared_ptr<const net::TlsContext> openssl;
  GnutlsContext gnutls;
};

net::TcpListeners listen() {
  return net::open_tcp_listeners({.address = {*IpAddress::parse("127.0.0.1"), 0}});
}

// --- Statistics ----------------------------------------------------------------------------------

struct Spread {
  std::vector<double> values;

  std::string text(const char* format) const {
    std::vector<double> sorted = values;
    std::sort(sorted.begin(), sorted.end());
    std::array<char, 64> room;
    std::string made;
    const auto add = [&](const char* before, double value) {
      std::snprintf(room.data(), room.size(), format, value);
      made += before + std::string(room.data());
    };
    add("", sorted[sorted.size() / 2]);
    add(" [", sorted.front());
    add("–", sorted.back());
    return made + "]";
  }
};

using Row = std::array<Spread, kLibraries>;

void print_row(const char* what, const Row& row, const char* format) {
  Spread ratios;
  for (std::size_t i = 0; i < row[kGnutls].values.size(); ++i) {
    ratios.values.push_back(row[kGnutls].values[i] / row[kOpenssl].values[i]);
  }
  std::printf("| %s | %s | %s | %s | %s |\n", what, row[kNone].text(format).c_str(),
              row[kOpenssl].text(format).c_str(), row[kGnutls].text(format).c_str(),
              ratios.text("%.2f").c_str());
}

void print_head(const char* unit) {
  std::printf("\n| %s | no TLS | OpenSSL | GnuTLS | GnuTLS ÷ OpenSSL |\n|---|---|---|---|---|\n",
              unit);
}

// --- CPU time ------------------------------------------------------------------------------------

// The first and the last of those that this process may use; the same if there is only one.
struct Cpus {
  int server = 0;
  int clients = 0;
};

Cpus choose_cpus() {
  cpu_set_t allowed;
  CHECK(sched_getaffinity(0, sizeof(allowed), &allowed) == 0);
  Cpus cpus{.server = -1};
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (!CPU_ISSET(cpu, &allowed)) continue;
    if (cpus.server < 0) cpus.server = cpu;
    cpus.clients = cpu;
  }
  return cpus;
}

class ServerThread {
 public:
  template <class Server, class Context>
  static std::unique_ptr<ServerThread> start(const Context* context, int cpu) {
    auto made = std::unique_ptr<ServerThread>(new ServerThread);
    net::TcpListeners listeners = listen();
    made->address_ = listeners.address;
    made->is_secure_ = context != nullptr;
    auto server = std::make_shared<Server>(context, std::move(listeners));
    made->thread_ = std::jthread([server, cpu](std::stop_token stop) {
      pin_to(cpu);
      constexpr milliseconds kLook{50};  // Whether to stop.
      while (!stop.stop_requested()) server->serve_round(kLook);
    });
    CHECK(pthread_getcpuclockid(made->thread_.native_handle(), &made->clock_) == 0);
    return made;
  }

  Work work(Act act) const { return {.server = address_, .is_secure = is_secure_, .act = act}; }
  double cpu_us() const {
    timespec time;
    CHECK(clock_gettime(clock_, &time) == 0);
    return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) / 1e3;
  }

 private:
  ServerThread() = default;

  Endpoint address_;
  bool is_secure_ = false;
  clockid_t clock_{};
  std::jthread thread_;
};

struct Case {
  const char* name;
  bool is_rsa = false;
  Act act;
  std::size_t count = 0;  // Of each client.
};

constexpr std::array<Case, 4> kCases = {{
    {"new connection, full handshake, ECDSA P-256", false, Act::connect, 100},
    {"new connection, full handshake, RSA 2048", true, Act::connect, 100},
    {"new connection, resumed handshake", false, Act::resume, 100},
    {"request on an open connection", false, Act::request, 4'000},
}};

// Microseconds of the server's for each act.
double measure(const Case& the_case, const ServerThread& server, ClientProcess& clients,
               const Options& options) {
  Work work = server.work(the_case.act);
  work.clients = kClients;
  work.count = options.is_smoke ? 2 : the_case.count;
  clients.prepare(work);
  const double start = server.cpu_us();
  clients.run();
  const double end = server.cpu_us();
  clients.release();
  return (end - start) / static_cast<double>(work.clients * work.count);
}

using Servers = std::array<std::unique_ptr<ServerThread>, kLibraries>;

Servers start_servers(const Credentials& credentials, int cpu) {
  return {ServerThread::start<PlainOrOpenssl, net::TlsContext>(nullptr, cpu),
          ServerThread::start<PlainOrOpenssl>(credentials.openssl.get(), cpu),
          ServerThread::start<Gnutls>(&credentials.gnutls, cpu)};
}

// What is compared has to be the same.
void print_agreed(const Servers& servers) {
  for (const Library library : {kOpenssl, kGnutls}) {
    TlsClient client(servers[library]->work(Act::connect).server, true);
    client.connect(false);
    std::printf("%s: %s\n", kNames[library], client.description().c_str());
  }
}

void measure_cpu(const Options& options, const test::Certificates& files) {
  const Cpus cpus = choose_cpus();
  if (cpus.server == cpus.clients) std::printf("one CPU only: servers and clients share it\n");
  ClientProcess clients(cpus.clients);  // First, as it forks, which goes badly with threads.
  const Credentials ecdsa(files, "ecdsa");
  const Credentials rsa(files, "rsa");
  const Servers ecdsa_servers = start_servers(ecdsa, cpus.server);
  const Servers rsa_servers = start_servers(rsa, cpus.server);
  print_agreed(ecdsa_servers);
  print_agreed(rsa_servers);
  std::array<Row, kCases.size()> rows;
  for (std::size_t round = 0; round < options.rounds; ++round) {
    for (std::size_t i = 0; i < kCases.size(); ++i) {
      const Servers& servers = kCases[i].is_rsa ? rsa_servers : ecdsa_servers;
      // Whoever is first in one round is last in another.
      for (std::size_t turn = 0; turn < kLibraries; ++turn) {
        const std::size_t library = (round + turn) % kLibraries;
        if (library == kNone && kCases[i].act == Act::resume) continue;
        rows[i][library].values.push_back(measure(kCases[i], *servers[library], clients, options));
      }
    }
  }
  // There is nothing to resume.
  for (Row& row : rows) {
    if (row[kNone].values.empty()) row[kNone] = rows[0][kNone];
  }
  print_head("CPU of the server, µs");
  for (std::size_t i = 0; i < kCases.size(); ++i) print_row(kCases[i].name, rows[i], "%.1f");
}

// --- Memory --------------------------------------------------------------------------------------

double resident_kb() {
  std::ifstream statm("/proc/self/statm");
  double total_pages = 0;
  double resident_pages = 0;
  statm >> total_pages >> resident_pages;
  return resident_pages * static_cast<double>(sysconf(_SC_PAGESIZE)) / 1024;
}

// In a process of its own, so that nothing measured before lies around.
double in_child(const std::function<double()>& measure) {
  std::array<int, 2> ends;
  CHECK(pipe(ends.data()) == 0);
  const FileDescriptor reading(ends[0]);
  const FileDescriptor writing(ends[1]);
  std::fflush(stdout);
  const pid_t child = fork();
  CHECK(child >= 0);
  double result = 0;
  if (child == 0) {
    result = measure();
    CHECK(write(writing.get(), &result, sizeof(result)) == sizeof(result));
    std::_Exit(0);
  }
  int status = 0;
  CHECK(waitpid(child, &status, 0) == child && status == 0);
  CHECK(read(reading.get(), &result, sizeof(result)) == sizeof(result));
  return result;
}

double kb_a_connection(Library library, std::size_t count, const test::Certificates& files) {
  const Cpus cpus = choose_cpus();
  ClientProcess clients(cpus.clients);
  const Credentials credentials(files, "ecdsa");
  const Servers servers = start_servers(credentials, cpus.server);
  Work work = servers[library]->work(Act::hold);
  work.count = count;
  clients.prepare(work);  // What the first one costs is no matter of their number.
  const double before = resident_kb();
  clients.run();
  const double kb = (resident_kb() - before) / static_cast<double>(count);
  clients.release();
  return kb;
}

void measure_memory(const Options& options, const test::Certificates& files) {
  const std::size_t count = options.is_smoke ? 4 : 10'000;
  const std::size_t rounds = options.is_smoke ? 1 : 3;  // They hardly differ.
  Row row;
  for (std::size_t round = 0; round < rounds; ++round) {
    for (const Library library : {kNone, kOpenssl, kGnutls}) {
      row[library].values.push_back(
          in_child([&] { return kb_a_connection(library, count, files); }));
    }
  }
  print_head("resident memory, KiB");
  print_row(("idle connection, of " + std::to_string(count)).c_str(), row, "%.2f");
}

Options read_options(const std::vector<std::string_view>& arguments) {
  Options options;
  bool is_named = false;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i] == "--smoke") {
      options.is_smoke = true;
      options.rounds = 1;
    } else if (arguments[i] == "--rounds" && i + 1 < arguments.size()) {
      const std::string_view text = arguments[++i];
      std::from_chars(text.data(), text.data() + text.size(), options.rounds);
      options.rounds = std::max(options.rounds, kLeastRounds);
    } else if (arguments[i] == "cpu" || arguments[i] == "memory") {
      if (!std::exchange(is_named, true)) options.wants_cpu = options.wants_memory = false;
      (arguments[i] == "cpu" ? options.wants_cpu : options.wants_memory) = true;
    } else {
      std::fprintf(stderr, "usage: tls_bench [cpu|memory]… [--rounds N] | --smoke\n");
      std::exit(2);
    }
  }
  return options;
}

void run(const Options& options) {
  std::signal(SIGPIPE, SIG_IGN);
  process::raise_open_file_limit();
  const test::Certificates files;
  files.make_self_signed("ecdsa");
  files.openssl(
      "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=rsa -keyout rsa.key -out rsa.pem");
  // First, as it forks, which goes badly with threads.
  if (options.wants_memory) measure_memory(options, files);
  if (options.wants_cpu) measure_cpu(options, files);
}

}  // namespace
}  // namespace aquatic::bench

int main(int argc, char** argv) {
  using namespace aquatic::bench;
  const Options options = read_options({argv + 1, argv + argc});
  if (!kIsRelease && !options.is_smoke) {
    std::fprintf(stderr, "tls_bench: only a release build tells the truth: preset bench\n");
    return 1;
  }
  run(options);
}
