// SPDX-License-Identifier: Apache-2.0
#include "protocol/peer_client.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace aquatic {
namespace {

// Filled up with bytes that belong to nobody's custom.
PeerId id_of(std::string_view text) {
  PeerId id;
  id.bytes.fill(std::byte{0xfe});
  std::ranges::copy(as_bytes(text).first(std::min(text.size(), PeerId::kBytes)), id.bytes.begin());
  return id;
}

std::string described(const PeerClient& client) {
  std::string text(client.name.view());
  if (!client.version.is_empty()) text += " " + std::string(client.version.view());
  return text;
}

struct Known {
  std::string_view id;
  std::string_view client;
};

class PeerClientTest : public testing::TestWithParam<Known> {};

TEST_P(PeerClientTest, NamesProgramAndVersion) {
  EXPECT_EQ(described(peer_client(id_of(GetParam().id))), GetParam().client) << GetParam().id;
}

INSTANTIATE_TEST_SUITE_P(
    AzureusStyle, PeerClientTest,
    testing::Values(
        Known{"-qB4620-", "qBittorrent 4.6.2"}, Known{"-qB46A0-", "qBittorrent 4.6.10"},
        Known{"-TR0006-", "Transmission 0.6"}, Known{"-TR0072-", "Transmission 0.72"},
        Known{"-TR2940-", "Transmission 2.94"}, Known{"-TR294Z-", "Transmission 2.94+"},
        Known{"-TR3000-", "Transmission 3.00"}, Known{"-TR4060-", "Transmission 4.0.6"},
        Known{"-TR410B-", "Transmission 4.1.0 beta"}, Known{"-TR410Z-", "Transmission 4.1.0+"},
        Known{"-DE13F0-", "Deluge 1.3.15"}, Known{"-DE211s-", "Deluge 2.1.1 stable"},
        Known{"-DE203D-", "Deluge 2.0.3 dev"}, Known{"-LT20B0-", "libtorrent (Rasterbar) 2.0.11"},
        Known{"-lt0D80-", "libTorrent (rTorrent) 0.13.8"}, Known{"-UT3550-", "\u00b5Torrent 3.5.5"},
        Known{"-UT355W-", "\u00b5Torrent 3.5.5W"}, Known{"-UT354B-", "\u00b5Torrent 3.5.4 beta"},
        Known{"-UM187a-", "\u00b5Torrent Mac 1.8.7 alpha"},
        Known{"-UE1090-", "\u00b5Torrent Embedded 1.0.9"},
        Known{"-UW110r-", "\u00b5Torrent Web 1.1.0 rc"},
        Known{"-BT7a5S-", "BitTorrent 7.10.5 stable"}, Known{"-BT7B0d-", "BitTorrent 7.11.0 dev"},
        Known{"-AZ5750-", "Vuze 5.7.5.0"}, Known{"-BI3800-", "BiglyBT 3.8.0.0"},
        Known{"-WW0102-", "WebTorrent 1.2"}, Known{"-WW0201-", "WebTorrent 2.1"},
        Known{"-WW1011-", "WebTorrent 10.11"}, Known{"-WD0024-", "WebTorrent Desktop 0.24"},
        Known{"-BC0167-", "BitComet 1.67"}, Known{"-KT4330-", "KTorrent 4.3.3"},
        Known{"-KT33D1-", "KTorrent 3.3 dev1"}, Known{"-KT22B0-", "KTorrent 2.2 beta"},
        Known{"-BL246326", "BitLord 2.4.6-326"}, Known{"-XL0018-", "Xunlei 0.0.1.8"},
        Known{"-FD5118-", "Free Download Manager 5.1"}, Known{"-FL51FF-", "Folx 5"},
        Known{"-ML2.7.2-", "MLdonkey 2.7.2"}, Known{"-CT1034-", "CTorrent 1.0.34"},
        Known{"-BB1234-", "BitBuddy 1.234"}, Known{"-PI0120-", "PicoTorrent 0.12.0"},
        Known{"-LW0001-", "LimeWire"}, Known{"-MG2111-", "MediaGet 2.1"}));

INSTANTIATE_TEST_SUITE_P(
    OtherStyles, PeerClientTest,
    testing::Values(Known{"A2-1-36-0-", "aria2 1.36.0"}, Known{"A2-1-2-8-", "aria2 1.2.8"},
                    Known{"M7-10-5-", "Mainline 7.10.5"}, Known{"M4-3-6--", "Mainline 4.3.6"},
                    Known{"Q1-10-0-", "Queen Bee 1.10.0"}, Known{"TIX0263-", "Tixati 2.63"},
                    Known{"TIX0308-", "Tixati 3.8"}, Known{"S58B-----", "Shad0w 5.8.11"},
                    Known{"T03I--008", "BitTornado 0.3.18"}, Known{"R34------", "Tribler 3.4"},
                    Known{"A31011---", "ABC 3.1.0.1.1"},
                    Known{std::string_view("exbc\x01\x02LORD", 10), "BitLord 1.02"},
                    Known{std::string_view("exbc\x00\x38", 6), "BitComet 0.56"},
                    Known{"XBT054d-", "XBT Client 0.5.4 dev"}, Known{"-aria2-", "aria2"},
                    Known{"AZ2500BT", "BitTyrant"}));

INSTANTIATE_TEST_SUITE_P(
    Unknown, PeerClientTest,
    testing::Values(Known{"-xq1234-", "Other (xq) 1234"}, Known{"abcd-", "Other (abcd)"},
                    Known{"M7-a-5-", "Other (M7)"}, Known{"A2-1-36", "Other (A2)"},
                    Known{"S58BCDEF", "Other"}, Known{"", "Other"}, Known{"-", "Other"},
                    Known{"--------", "Other"}, Known{"-UT", "Other"}, Known{"-UT3\n55-", "Other"},
                    Known{"-12345-", "Other"}, Known{"-ML1.2.3", "Other"},
                    Known{"abcdefghi-", "Other"}, Known{"TIX\x01\x02\x03\x04", "Other"},
                    Known{"<script>alert(1)</sc", "Other"}));

TEST(PeerClient, TextThatIsTooLongIsCutOff) {
  FixedText<4> text;
  text.append("abc");
  text.append("def");
  text.append('g');
  EXPECT_EQ(text.view(), "abcd");
}

// What people and machines are shown has nothing in it that could harm them.
bool is_harmless(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x20 && byte != 0x7f && c != '<' && c != '>' && c != '&' && c != '"';
  });
}

PeerId arbitrary_id(std::string_view begin) {
  PeerId id = id_of(begin);
  for (std::size_t i = std::min(begin.size(), PeerId::kBytes); i < PeerId::kBytes; ++i) {
    id.bytes[i] = static_cast<std::byte>(*rc::gen::arbitrary<unsigned char>());
  }
  return id;
}

RC_GTEST_PROP(PeerClient, NeverSaysWhatABrowserWouldObey, ()) {
  const auto begin = *rc::gen::element<std::string>("", "-", "-TR", "-BL", "-KT", "A2-", "M",
                                                    "exbc", "-ML", "S", "TIX", "-BT", "-BL246");
  const PeerClient client = peer_client(arbitrary_id(begin));
  RC_ASSERT(!client.name.is_empty());
  RC_ASSERT(is_harmless(client.name.view()));
  RC_ASSERT(is_harmless(client.version.view()));
}

// Random ids are hardly ever taken for a program's.
RC_GTEST_PROP(PeerClient, KnowsOnlyTheBeginning, ()) {
  const PeerId id = arbitrary_id("-qB4620-");
  RC_ASSERT(described(peer_client(id)) == "qBittorrent 4.6.2");
}

}  // namespace
}  // namespace aquatic
