// SPDX-License-Identifier: Apache-2.0
#include "protocol/peer_client.h"

#include <charconv>
#include <optional>

#include "base/bytes.h"

namespace aquatic {
namespace {

// How the four characters of a version are to be read; `1234` stands for them. A digit is a
// number from 0 to 61: 0-9, A-Z, a-z.
enum class Style : std::uint8_t {
  none,         // They are no version.
  three,        // 1.2.3
  four,         // 1.2.3.4
  two,          // 1.2
  major,        // 1
  skip_one,     // 2.34
  thousandths,  // 1.234
  halves,       // 12.34 without leading zeros
  three_wide,   // 1.2.34
  middle_wide,  // 1.23.4
  hexadecimal,  // 1.2.3 and what 4 stands for, a being 10
  lettered,     // 1.2.3 and what 4 stands for
  bitlord,      // 1.2.3-456, with two characters more
  ktorrent,     // 1.2.3, or 1.2 beta 4
  transmission
};

struct KnownProgram {
  std::string_view code;
  std::string_view name;
  Style style = Style::four;
};

// `-XY1234-`: most programs, in the order of their codes.
constexpr KnownProgram kAzureusStyle[] = {
    {"7T", "aTorrent"},
    {"A~", "Ares", Style::three},
    {"AG", "Ares", Style::three},
    {"AR", "Ares"},
    {"AT", "Artemis"},
    {"AV", "Avicora"},
    {"AX", "BitPump", Style::halves},
    {"AZ", "Vuze"},
    {"BB", "BitBuddy", Style::thousandths},
    {"BC", "BitComet", Style::skip_one},
    {"BE", "BitTorrent SDK"},
    {"BF", "BitFlu", Style::none},
    {"BG", "BTG"},
    {"BI", "BiglyBT"},
    {"BL", "BitLord", Style::bitlord},
    {"BN", "Baidu Netdisk"},
    {"BP", "BitTorrent Pro"},
    {"BR", "BitRocket", Style::three_wide},
    {"BS", "BTSlave"},
    {"BT", "BitTorrent", Style::hexadecimal},
    {"BW", "BitTorrent Web", Style::hexadecimal},
    {"BX", "BittorrentX"},
    {"CD", "Enhanced CTorrent", Style::halves},
    {"CT", "CTorrent", Style::three_wide},
    {"DE", "Deluge", Style::lettered},
    {"DP", "Propagate"},
    {"EB", "EBit"},
    {"ES", "Electric Sheep", Style::three},
    {"FC", "FileCroc"},
    {"FD", "Free Download Manager", Style::two},
    {"FG", "FlashGet", Style::skip_one},
    {"FL", "Folx", Style::major},
    {"FT", "FoxTorrent"},
    {"FW", "FrostWire", Style::three},
    {"FX", "Freebox", Style::none},
    {"GR", "GetRight", Style::two},
    {"GS", "GSTorrent"},
    {"GT", "anacrolix/torrent"},
    {"HL", "Halite", Style::three},
    {"HN", "Hydranode"},
    {"IL", "iLivid", Style::three},
    {"KG", "KGet"},
    {"KT", "KTorrent", Style::ktorrent},
    {"LC", "LeechCraft"},
    {"LH", "LH-ABC"},
    {"LK", "linkage", Style::three},
    {"LP", "Lphant", Style::halves},
    {"LT", "libtorrent (Rasterbar)", Style::three},
    {"LW", "LimeWire", Style::none},
    {"MG", "MediaGet", Style::two},
    {"ML", "MLdonkey"},
    {"MO", "MonoTorrent"},
    {"MP", "MooPolice", Style::three},
    {"MR", "Miro"},
    {"MT", "MoonlightTorrent"},
    {"NE", "BT Next Evolution", Style::three},
    {"NX", "Net Transport"},
    {"OS", "OneSwarm"},
    {"OT", "OmegaTorrent"},
    {"PD", "Pando"},
    {"PI", "PicoTorrent", Style::middle_wide},
    {"QD", "QQDownload"},
    {"QT", "Qt"},
    {"RN", "Rain"},
    {"RT", "Retriever"},
    {"RZ", "RezTorrent"},
    {"S~", "Shareaza"},
    {"SB", "SwiftBit"},
    {"SD", "Xunlei"},
    {"SN", "ShareNET"},
    {"SP", "BitSpirit", Style::three},
    {"SS", "SwarmScope"},
    {"ST", "SymTorrent", Style::three},
    {"SZ", "Shareaza"},
    {"TB", "Torch"},
    {"TL", "Tribler"},
    {"TN", "Torrent.NET"},
    {"TR", "Transmission", Style::transmission},
    {"TS", "TorrentStorm"},
    {"TT", "TuoTu", Style::three},
    {"TX", "Tixati", Style::halves},
    {"UE", "\u00b5Torrent Embedded", Style::hexadecimal},
    {"UL", "uLeecher!"},
    {"UM", "\u00b5Torrent Mac", Style::hexadecimal},
    {"UT", "\u00b5Torrent", Style::hexadecimal},
    {"UW", "\u00b5Torrent Web", Style::hexadecimal},
    {"VG", "Vagaa"},
    {"WD", "WebTorrent Desktop", Style::halves},
    {"WT", "BitLet"},
    {"WW", "WebTorrent", Style::halves},
    {"WY", "FireTorrent"},
    {"XC", "Xtorrent", Style::three_wide},
    {"XF", "Xfplay"},
    {"XL", "Xunlei"},
    {"XT", "XanTorrent"},
    {"XX", "Xtorrent", Style::three_wide},
    {"ZO", "Zona"},
    {"ZT", "ZipTorrent"},
    {"bk", "BitKitten"},
    {"eM", "eMule", Style::none},
    {"lt", "libTorrent (rTorrent)", Style::three},
    {"pX", "pHoeniX"},
    {"qB", "qBittorrent", Style::three},
    {"rQ", "rqbit"},
    {"st", "SharkTorrent"},
    {"tT", "tTorrent"},
};

// `S58B-----`: one letter, up to five digits, dashes.
constexpr KnownProgram kShadowStyle[] = {
    {"A", "ABC"},    {"O", "Osprey Permaseed"}, {"Q", "BTQueue"},  {"R", "Tribler"},
    {"S", "Shad0w"}, {"T", "BitTornado"},       {"U", "UPnP NAT"},
};

// `M7-10-5-`: numbers between dashes.
constexpr KnownProgram kDashedStyle[] = {{"A2-", "aria2"}, {"M", "Mainline"}, {"Q", "Queen Bee"}};

// Those that follow no custom but their own. The version begins behind the code.
constexpr KnownProgram kOwnStyle[] = {
    {"-aria2-", "aria2", Style::none},      {"346-", "TorrentTopia", Style::none},
    {"AZ2500BT", "BitTyrant", Style::none}, {"Pando-", "Pando", Style::none},
    {"TIX", "Tixati", Style::halves},       {"XBT", "XBT Client", Style::lettered},
    {"btpd/", "btpd", Style::none},         {"turbobt", "TurboBT", Style::none},
};

constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

// The number that a character is in a version.
constexpr std::optional<unsigned> value_of(char c) noexcept {
  if (is_digit(c)) return c - '0';
  if (c >= 'A' && c <= 'Z') return c - 'A' + 10;
  if (c >= 'a' && c <= 'z') return c - 'a' + 36;
  return std::nullopt;
}

constexpr bool is_alphanumeric(char c) noexcept { return value_of(c).has_value(); }

constexpr bool are_alphanumeric(std::string_view text) noexcept {
  return std::ranges::all_of(text, is_alphanumeric);
}

using Version = FixedText<16>;

void append_number(unsigned number, Version& version) noexcept {
  std::array<char, 10> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  version.append(std::string_view(digits.data(), end));
}

// The characters as numbers with dots between.
void append_dotted(std::string_view characters, Version& version) noexcept {
  for (std::size_t i = 0; i < characters.size(); ++i) {
    if (i > 0) version.append('.');
    append_number(value_of(characters[i]).value_or(0), version);
  }
}

void append_parts(std::string_view head, std::string_view tail, Version& version) noexcept {
  append_dotted(head, version);
  version.append('.');
  version.append(tail);
}

void append_without_zeros(std::string_view digits, Version& version) noexcept {
  while (digits.size() > 1 && digits.front() == '0') digits.remove_prefix(1);
  version.append(digits);
}

// What the last character says of a version, as the programs of BitTorrent Inc. use it.
void append_mark(char mark, Version& version) noexcept {
  switch (mark) {
    case '0': return;
    case 'A':
    case 'a': return version.append(" alpha");
    case 'B':
    case 'b': return version.append(" beta");
    case 'D':
    case 'd': return version.append(" dev");
    case 'R':
    case 'r': return version.append(" rc");
    case 'S':
    case 's': return version.append(" stable");
    default: return version.append(mark);
  }
}

// From version 4 on it has three numbers; before, hundredths.
void append_transmission(std::string_view text, Version& version) noexcept {
  const bool is_nightly = text[3] == 'Z' || text[3] == 'X';
  if (text.starts_with("00")) {
    version.append("0.");
    version.append(text.substr(text[2] == '0' ? 3 : 2));
    return;
  }
  if (text[0] <= '3') {
    append_parts(text.substr(0, 1), text.substr(1, 2), version);
  } else {
    append_dotted(text.substr(0, 3), version);
    if (text[3] == 'B') version.append(" beta");
  }
  if (is_nightly) version.append('+');
}

void append_ktorrent(std::string_view text, Version& version) noexcept {
  const bool is_release = is_digit(text[2]);
  append_dotted(text.substr(0, is_release ? 3 : 2), version);
  if (is_release) return;
  append_mark(text[2], version);
  if (text[3] != '0') version.append(text[3]);
}

// Lower-case letters are hexadecimal digits too.
void append_hexadecimal(std::string_view text, Version& version) noexcept {
  for (std::size_t i = 0; i < 3; ++i) {
    if (i > 0) version.append('.');
    const bool is_hexadecimal = text[i] >= 'a' && text[i] <= 'f';
    append_number(
        is_hexadecimal ? static_cast<unsigned>(text[i] - 'a') + 10 : value_of(text[i]).value_or(0),
        version);
  }
  append_mark(text[3], version);
}

// Requires: `text` begins with four letters or digits.
Version version_of(Style style, std::string_view text) noexcept {
  Version version;
  const std::string_view four = text.substr(0, 4);
  switch (style) {
    case Style::none: break;
    case Style::three: append_dotted(four.substr(0, 3), version); break;
    case Style::four: append_dotted(four, version); break;
    case Style::two: append_dotted(four.substr(0, 2), version); break;
    case Style::major: append_dotted(four.substr(0, 1), version); break;
    case Style::skip_one: append_parts(four.substr(1, 1), four.substr(2), version); break;
    case Style::thousandths: append_parts(four.substr(0, 1), four.substr(1), version); break;
    case Style::halves:
      append_without_zeros(four.substr(0, 2), version);
      version.append('.');
      append_without_zeros(four.substr(2), version);
      break;
    case Style::three_wide: append_parts(four.substr(0, 2), four.substr(2), version); break;
    case Style::middle_wide:
      append_parts(four.substr(0, 1), four.substr(1, 2), version);
      version.append('.');
      append_dotted(four.substr(3), version);
      break;
    case Style::hexadecimal: append_hexadecimal(four, version); break;
    case Style::lettered:
      append_dotted(four.substr(0, 3), version);
      append_mark(four[3], version);
      break;
    case Style::bitlord:
      append_dotted(four.substr(0, 3), version);
      if (!are_alphanumeric(text.substr(3, 3))) break;
      version.append('-');
      version.append(text.substr(3, 3));
      break;
    case Style::ktorrent: append_ktorrent(four, version); break;
    case Style::transmission: append_transmission(four, version); break;
  }
  return version;
}

PeerClient client(std::string_view name, const Version& version = {}) noexcept {
  PeerClient client;
  client.name.append(name);
  client.version = version;
  return client;
}

PeerClient other(std::string_view prefix, std::string_view version = {}) noexcept {
  PeerClient client;
  client.name.append(kOtherClient);
  client.name.append(" (");
  client.name.append(prefix);
  client.name.append(')');
  client.version.append(version);
  return client;
}

// Null if there is none whose code `id` begins with.
template <std::size_t kCount>
const KnownProgram* find(const KnownProgram (&programs)[kCount], std::string_view id) noexcept {
  const auto* const found = std::ranges::find_if(
      programs, [&](const KnownProgram& program) { return id.starts_with(program.code); });
  return found == std::end(programs) ? nullptr : found;
}

// `2.7.2-`, as a few write it.
std::string_view dotted_version(std::string_view text) noexcept {
  const std::size_t end = text.find('-');
  if (end == std::string_view::npos || end < 3 || text[1] != '.') return {};
  text = text.substr(0, end);
  const auto is_of_version = [](char c) { return is_digit(c) || c == '.'; };
  return std::ranges::all_of(text, is_of_version) ? text : std::string_view();
}

std::optional<PeerClient> azureus_style(std::string_view id) noexcept {
  if (id.front() != '-') return std::nullopt;
  const std::string_view code = id.substr(1, 2);
  const std::string_view version = id.substr(3);
  const KnownProgram* const known = find(kAzureusStyle, code);
  if (known == nullptr) {
    const bool follows_the_custom = are_alphanumeric(id.substr(1, 6)) && !is_digit(code.front());
    if (!follows_the_custom) return std::nullopt;
    return other(code, version.substr(0, 4));
  }
  if (are_alphanumeric(version.substr(0, 4))) {
    return client(known->name, version_of(known->style, version));
  }
  const std::string_view dotted = dotted_version(version);
  if (dotted.empty()) return std::nullopt;
  PeerClient client = aquatic::client(known->name);
  client.version.append(dotted);
  return client;
}

// Three numbers of one or two digits, a dash behind each.
std::optional<PeerClient> dashed_style(std::string_view id) noexcept {
  const KnownProgram* const known = find(kDashedStyle, id);
  if (known == nullptr) return std::nullopt;
  PeerClient client = aquatic::client(known->name);
  id.remove_prefix(known->code.size());
  for (int i = 0; i < 3; ++i) {
    const std::size_t end = id.find('-');
    const std::string_view number = id.substr(0, end);
    if (number.empty() || number.size() > 2 || !std::ranges::all_of(number, is_digit)) {
      return std::nullopt;
    }
    if (i > 0) client.version.append('.');
    client.version.append(number);
    id.remove_prefix(end + 1);
  }
  return client;
}

std::optional<PeerClient> shadow_style(std::string_view id) noexcept {
  constexpr std::size_t kBeforeDashes = 6;
  const KnownProgram* const known = find(kShadowStyle, id);
  if (known == nullptr) return std::nullopt;
  std::string_view digits = id.substr(1, kBeforeDashes - 1);
  while (digits.ends_with('-')) digits.remove_suffix(1);
  // One letter is in front of many ids: two dashes at least tell those of this style.
  const bool has_dashes = digits.size() <= 3 || id.substr(kBeforeDashes).starts_with("---");
  if (digits.size() < 2 || !are_alphanumeric(digits) || !has_dashes) return std::nullopt;
  PeerClient client = aquatic::client(known->name);
  append_dotted(digits, client.version);
  return client;
}

// `exbc` and the version as two bytes, of BitComet before it took to the custom of Azureus.
std::optional<PeerClient> bitcomet_style(std::string_view id) noexcept {
  if (!id.starts_with("exbc") && !id.starts_with("FUTB") && !id.starts_with("xUTB")) {
    return std::nullopt;
  }
  PeerClient client = aquatic::client(id.substr(6).starts_with("LORD") ? "BitLord" : "BitComet");
  const auto minor = static_cast<unsigned char>(id[5]);
  append_number(static_cast<unsigned char>(id[4]), client.version);
  client.version.append(minor < 10 ? ".0" : ".");
  append_number(minor, client.version);
  return client;
}

std::optional<PeerClient> own_style(std::string_view id) noexcept {
  const KnownProgram* const known = find(kOwnStyle, id);
  if (known == nullptr) return std::nullopt;
  const std::string_view version = id.substr(known->code.size());
  if (!are_alphanumeric(version.substr(0, 4))) {
    return known->style == Style::none ? std::optional(client(known->name)) : std::nullopt;
  }
  return client(known->name, version_of(known->style, version));
}

// Some letters and digits, then a dash.
std::optional<PeerClient> unknown_prefix(std::string_view id) noexcept {
  constexpr std::size_t kMaxPrefix = 8;
  const std::size_t end = id.find('-');
  if (end == 0 || end > kMaxPrefix || !are_alphanumeric(id.substr(0, end))) return std::nullopt;
  return other(id.substr(0, end));
}

}  // namespace

PeerClient peer_client(const PeerId& peer_id) noexcept {
  const std::string_view id = as_text(peer_id.bytes);
  for (const auto style :
       {own_style, azureus_style, dashed_style, bitcomet_style, shadow_style, unknown_prefix}) {
    if (const auto client = style(id)) return *client;
  }
  return client(kOtherClient);
}

}  // namespace aquatic
