// SPDX-License-Identifier: Apache-2.0
// Takes any bytes for a peer id. What is told of it is printable text that fits.
#include <algorithm>
#include <cstdint>
#include <cstring>

#include "base/check.h"
#include "protocol/peer_client.h"

namespace aquatic {
namespace {

void check_text(std::string_view text) {
  for (const char character : text) {
    const auto byte = static_cast<unsigned char>(character);
    CHECK(byte >= 0x20 && byte != 0x7f);
    CHECK(std::string_view("<>&\"'\\").find(character) == std::string_view::npos);
  }
}

}  // namespace
}  // namespace aquatic

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  aquatic::PeerId id;
  if (size > 0) std::memcpy(id.bytes.data(), data, std::min(size, id.bytes.size()));
  const aquatic::PeerClient client = aquatic::peer_client(id);
  CHECK(!client.name.is_empty());
  aquatic::check_text(client.name.view());
  aquatic::check_text(client.version.view());
  CHECK(aquatic::peer_client(id) == client);
  return 0;
}
