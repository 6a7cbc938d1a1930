// SPDX-License-Identifier: Apache-2.0
#include "server/doctor/port_holders.h"

#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <optional>
#include <set>
#include <sstream>
#include <string_view>
#include <system_error>
#include <utility>

#include "net/socket_address.h"

namespace aquatic::server {
namespace {

namespace fs = std::filesystem;

// As links of /proc/PID/fd name them.
using SocketNames = std::set<std::string, std::less<>>;

// The state of a TCP socket that waits for connections; for UDP there is one state only.
constexpr std::string_view kListens = "0A";

// An address as the tables have it: words of 32 bits in the order of this machine.
std::string to_hex(const Endpoint& address) {
  const net::SocketAddress from = net::to_socket_address(address);
  std::array<std::uint32_t, 4> words{};
  const std::size_t count = address.ip.is_v4() ? 1 : words.size();
  const void* const bytes = address.ip.is_v4() ? static_cast<const void*>(&from.v4.sin_addr)
                                               : static_cast<const void*>(&from.v6.sin6_addr);
  std::memcpy(words.data(), bytes, count * sizeof(words[0]));
  std::string hex;
  for (std::size_t i = 0; i < count; ++i) hex += fmt::format("{:08X}", words[i]);
  return hex;
}

bool is_wildcard(std::string_view hex) { return hex.find_first_not_of('0') == hex.npos; }

// What a line of /proc/net/tcp and its like says of one socket.
struct Line {
  std::string ip;
  std::string port;
  std::string state;
  std::string inode;
};

std::optional<Line> parse(const std::string& text) {
  std::istringstream words(text);
  std::string number, local, remote, queues, timer, retries, user, timeout;
  Line line;
  if (!(words >> number >> local >> remote >> line.state >> queues >> timer >> retries >> user >>
        timeout >> line.inode)) {
    return std::nullopt;
  }
  const std::size_t colon = local.find(':');
  if (colon == local.npos) return std::nullopt;
  line.ip = local.substr(0, colon);
  line.port = local.substr(colon + 1);
  return line;
}

// Of a table, the sockets that `is_meant` says it is about.
SocketNames find_sockets(const std::string& table,
                         const std::function<bool(const Line&)>& is_meant) {
  SocketNames names;
  std::ifstream file(table);
  std::string text;
  for (std::size_t i = 0; i < kMaxSocketsSeen && std::getline(file, text); ++i) {
    const std::optional<Line> line = parse(text);
    if (line && is_meant(*line)) names.insert("socket:[" + line->inode + "]");
  }
  return names;
}

SocketNames sockets_on(const std::string& root, const Endpoint& address, int type) {
  const bool is_tcp = type == SOCK_STREAM;
  const std::string table = root + (is_tcp ? "/proc/net/tcp" : "/proc/net/udp");
  const std::string ip = to_hex(address);
  const std::string port = fmt::format("{:04X}", address.port);
  const auto listens = [&](const Line& line) {
    return line.port == port && (!is_tcp || line.state == kListens);
  };
  const auto is_in_the_way = [&](const Line& line) {
    return listens(line) && (line.ip == ip || is_wildcard(ip) || is_wildcard(line.ip));
  };
  if (!address.ip.is_v4()) return find_sockets(table + "6", is_in_the_way);
  SocketNames names = find_sockets(table, is_in_the_way);
  if (!names.empty()) return names;
  // Or a socket of IPv6 that takes IPv4 too.
  return find_sockets(table + "6",
                      [&](const Line& line) { return listens(line) && is_wildcard(line.ip); });
}

bool has_one_of(const fs::path& process, const SocketNames& sockets) {
  std::error_code error;
  fs::directory_iterator files(process / "fd", error);  // The end, where we may not look.
  for (std::size_t i = 0; i < kMaxFilesSeen && files != fs::directory_iterator(); ++i) {
    const fs::path link = fs::read_symlink(files->path(), error);
    if (!error && sockets.contains(link.native())) return true;
    files.increment(error);
    if (error) return false;
  }
  return false;
}

std::optional<int> process_number(const fs::path& path) {
  const std::string name = path.filename();
  int number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (error != std::errc() || end != name.data() + name.size()) return std::nullopt;
  return number;
}

std::string program_of(const fs::path& process) {
  std::ifstream file(process / "comm");
  std::string name;
  std::getline(file, name);
  return name;
}

}  // namespace

std::vector<PortHolder> find_port_holders(const std::string& root, const Endpoint& address,
                                          int type) {
  const SocketNames sockets = sockets_on(root, address, type);
  std::vector<PortHolder> holders;
  if (sockets.empty()) return holders;
  std::error_code error;
  fs::directory_iterator processes(root + "/proc", error);
  for (std::size_t seen = 0; seen < kMaxProcessesSeen && processes != fs::directory_iterator();) {
    const fs::path& process = processes->path();
    if (const auto pid = process_number(process)) {
      ++seen;
      if (has_one_of(process, sockets)) holders.push_back({program_of(process), *pid});
    }
    processes.increment(error);
    if (error) break;
  }
  std::ranges::sort(holders, {}, &PortHolder::pid);
  return holders;
}

}  // namespace aquatic::server
