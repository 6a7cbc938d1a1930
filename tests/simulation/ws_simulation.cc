// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/ws_simulation.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <map>

#include "base/random.h"
#include "protocol/ws/frame.h"
#include "tests/simulation/ws_judge.h"
#include "tests/simulation/ws_program.h"
#include "tests/support/live_memory.h"
#include "tests/support/ws/ws_rig.h"

namespace aquatic::simulation {
namespace {

using Kind = Program::Kind;
using server::WsMetric;
using server::WsPeer;

constexpr Seconds kAnnounceInterval = 15;
constexpr Seconds kIdle = 20;  // Without input, until a connection is asked whether it is there.
constexpr Seconds kMaxWrite = 60;  // That a connection may take nothing.
constexpr std::size_t kMaxOutputBytes = 2048;
constexpr std::uint32_t kMaxBadMessages = 20;
constexpr std::uint32_t kMaxOffers = 5;
constexpr std::size_t kMaxRumours = 64;

constexpr offers::Options kSwarm = {
    .max_peer_age_s = 200, .max_offer_age_s = 60, .shard_count = 8, .hash_seed = 5};

struct Link {
  WsPeer* peer;
  std::size_t program;
  Seconds heard_at;  // When something came last, or was asked for.
  Seconds stuck_at = 0;
  bool hangs = false;
  bool owes_pong = false;
};

// Everything but the tracker itself.
class World {
 public:
  World(const WsScenario& scenario, server::WsRig& rig, std::uint64_t seed, WsOutcome& outcome);
  void run();

 private:
  void pass_second(bool is_over);
  void look_after_links();
  void clean_up();
  void check_totals();
  void listen(WsPeer& peer);

  void act(Program& program);
  void act_as(Program& program);
  void announce_or_move(Program& program);
  void lie(Program& program);
  void babble(Program& program);
  void hang(Program& program);
  void get_stuck(Program& program);

  void connect(Program& program);
  void announce(Program& program, ws::Event event = ws::Event::none);
  void answer(Program& program, std::size_t times);
  void answer(Program& program, const HeardOffer& offer, const PeerId& as);
  void scrape(Program& program);
  void say(Program& program, const ws::AnnounceRequest& request);
  void say(Program& program, std::string_view json);
  void write(Program& program, std::string_view bytes);
  void leave(Program& program, bool says_so);

  std::uint32_t below(std::uint32_t bound) { return random_.below(bound); }
  bool is_lucky(unsigned percent) { return below(100) < percent; }
  Program::Share& any_share(Program& program) {
    return program.shares[below(static_cast<std::uint32_t>(program.shares.size()))];
  }
  Program& anybody() { return programs_[below(static_cast<std::uint32_t>(programs_.size()))]; }

  const WsScenario scenario_;
  server::WsRig& rig_;
  WsOutcome& outcome_;
  Random random_;
  std::vector<InfoHash> torrents_;
  WsJudge judge_;
  std::vector<Program> programs_;
  std::map<net::StreamKey, Link> links_;
  std::deque<HeardOffer> rumours_;  // What liars know of others.
  std::uint32_t ip_count_;
  std::uint64_t offer_count_ = 0;
};

World::World(const WsScenario& scenario, server::WsRig& rig, std::uint64_t seed, WsOutcome& outcome)
    : scenario_(scenario),
      rig_(rig),
      outcome_(outcome),
      random_(seed),
      torrents_(make_torrents(scenario.torrent_count, scenario.seed)),
      judge_({.swarm = kSwarm,
              .joins_families = scenario.joins_families,
              .denied = scenario.denies_a_torrent ? std::set{torrents_[1]} : std::set<InfoHash>()}),
      programs_(make_programs(scenario, torrents_, random_)),
      ip_count_(static_cast<std::uint32_t>(programs_.size())) {
  if (scenario.denies_a_torrent) {
    rig.access_list.replace({access_list::Mode::deny, std::span(torrents_).subspan(1, 1)});
  }
  for (Program& program : programs_) program.wakes_at = rig.now + 1 + below(kAnnounceInterval);
  rig_.on_change = [this](WsPeer& peer) { listen(peer); };
}

void World::run() {
  for (Seconds i = 0; i < scenario_.duration_s; ++i) pass_second(false);
  for (Program& program : programs_) {
    if (program.stream != 0) leave(program, is_lucky(50));
  }
  // Those that hang have to be found dead.
  for (Seconds i = 0; i < 3 * kIdle + kMaxWrite; ++i) pass_second(true);
  if (!links_.empty()) judge_.violation("connections remain");
  rig_.on_change = nullptr;
  const std::vector<std::string>& violations = judge_.violations();
  outcome_.violations.insert(outcome_.violations.end(), violations.begin(), violations.end());
  outcome_.responses += judge_.responses();
  outcome_.failures += judge_.failures();
  outcome_.offers += judge_.offers_heard();
  outcome_.answers += judge_.answers_heard();
  outcome_.offers_due += judge_.offers_due();
  outcome_.answers_due += judge_.answers_due();
}

void World::pass_second(bool is_over) {
  const auto keep_all = [](const InfoHash&) { return true; };
  ++rig_.now;
  rig_.swarm.expire_some(rig_.now, keep_all);
  rig_.swarm.expire_all(rig_.now, keep_all);
  judge_.expires(rig_.now);
  for (Program& program : programs_) {
    if (is_over || program.wakes_at > rig_.now) continue;
    act(program);
    // Mail moves whenever it likes.
    const std::size_t worker = below(static_cast<std::uint32_t>(scenario_.worker_count));
    if (is_lucky(20)) rig_.send_mail(worker);
    if (is_lucky(20)) rig_.take_mail(worker);
  }
  rig_.deliver();
  look_after_links();
  clean_up();
  check_totals();
}

void World::look_after_links() {
  for (auto& [_, link] : links_) {
    if (link.peer->is_closed) continue;
    if (!link.peer->is_stuck) judge_.is_owed_nothing(*link.peer);
    if (link.owes_pong && !link.hangs && !link.peer->is_stuck) {
      link.owes_pong = false;
      ByteBuffer frame;
      ws::encode_frame(ws::Opcode::pong, {}, frame, 7);
      link.peer->unhandled += frame.text();
      link.heard_at = rig_.now;
      rig_.take_turn(*link.peer, net::StreamEvent::input);
    } else if (rig_.now - link.heard_at >= kIdle) {
      link.heard_at = rig_.now;
      rig_.take_turn(*link.peer, net::StreamEvent::idle);
    }
  }
}

void World::clean_up() {
  outcome_.most_connections = std::max<std::uint64_t>(outcome_.most_connections, links_.size());
  std::erase_if(links_, [this](const auto& entry) {
    const Link& link = entry.second;
    WsPeer& peer = *link.peer;
    const bool is_stuck = peer.is_stuck && rig_.now - link.stuck_at <= kMaxWrite;
    if (is_stuck || (!peer.is_closed && !peer.is_stuck)) return false;
    Program& program = programs_[link.program];
    if (program.stream == peer.stream) program.stream = 0;
    judge_.leaves(peer);
    if (peer.memo != 0) rig_.disconnect(peer);
    rig_.release(peer);
    return true;
  });
}

void World::check_totals() {
  std::uint64_t peers = 0;
  for (const Family family : {Family::ipv4, Family::ipv6}) {
    peers += rig_.swarm.totals(family).peers;
  }
  if (peers != judge_.peers()) {
    judge_.violation(fmt::format("{} peers, not {}", peers, judge_.peers()));
  }
}

void World::listen(WsPeer& peer) {
  Link& link = links_.at(peer.stream);
  for (const std::string& message : peer.take()) {
    const auto offer = judge_.hears(peer, message);
    if (!offer) continue;
    if (!link.hangs) programs_[link.program].unanswered.push_back(*offer);
    rumours_.push_back(*offer);
    if (rumours_.size() > kMaxRumours) rumours_.pop_front();
  }
  if (!peer.pings.empty()) link.owes_pong = true;
  peer.pings.clear();
  peer.pongs.clear();
  if (peer.is_closed) judge_.leaves(peer);
}

void World::act(Program& program) {
  const Seconds pause = kAnnounceInterval * (program.kind == Kind::sleepy ? 10 : 1);
  program.wakes_at = rig_.now + 1 + below(2 * pause);
  if (program.stream == 0) {
    connect(program);
    return announce(program, ws::Event::started);
  }
  if (links_.at(program.stream).peer->is_closed) return;  // Not cleaned up yet.
  act_as(program);
}

void World::act_as(Program& program) {
  switch (program.kind) {
    case Kind::calm:
    case Kind::sleepy: break;
    case Kind::restless: return announce_or_move(program);
    case Kind::hanging: return hang(program);
    case Kind::slow: return get_stuck(program);
    case Kind::lying: return lie(program);
    case Kind::babbling: return babble(program);
  }
  answer(program, 1);
  announce(program);
}

void World::announce_or_move(Program& program) {
  answer(program, 1);
  const unsigned luck = below(100);
  if (luck < 10) return announce(program, ws::Event::stopped);
  if (luck < 20) return scrape(program);
  if (luck < 30) return leave(program, true);
  if (luck < 40) return leave(program, false);
  if (luck < 50) {
    // Comes back with the same peer ids, and the old connection hangs: from the same address, or
    // from another, which does not get them before that one is found dead.
    links_.at(program.stream).hangs = true;
    if (is_lucky(50)) program.ip = numbered_ip(IpAddress::parse(program.ip)->family(), ++ip_count_);
    connect(program);
  }
  announce(program);
}

void World::hang(Program& program) {
  if (!is_lucky(20)) return announce_or_move(program);
  links_.at(program.stream).hangs = true;
  program.stream = 0;
  program.unanswered.clear();
}

void World::get_stuck(Program& program) {
  Link& link = links_.at(program.stream);
  if (!link.peer->is_stuck && is_lucky(30)) {
    link.peer->is_stuck = true;
    link.stuck_at = rig_.now;
    return;
  }
  if (link.peer->is_stuck) {
    if (is_lucky(50)) return;
    link.peer->is_stuck = false;
    link.heard_at = rig_.now;
    rig_.take_turn(*link.peer, net::StreamEvent::drained);
    return;
  }
  answer(program, 1);
  announce(program);
}

void World::lie(Program& program) {
  const Program::Share& own = any_share(program);
  const Program::Share& other = any_share(anybody());
  ws::AnnounceRequest forged = {.info_hash = other.info_hash, .peer_id = other.peer_id};
  switch (below(7)) {
    case 0: return answer(program, 2);
    case 1:
      if (rumours_.empty()) return;
      return answer(program, rumours_[below(static_cast<std::uint32_t>(rumours_.size()))],
                    own.peer_id);
    case 2:
      if (rumours_.empty()) return;
      return answer(program, rumours_.back(), other.peer_id);
    case 3: forged.event = ws::Event::stopped; return say(program, forged);
    case 4: return say(program, forged);
    case 5:
      forged = {.info_hash = own.info_hash, .peer_id = random_id<PeerId>(random_)};
      return say(program, forged);
    default: announce_or_move(program);
  }
}

void World::babble(Program& program) {
  static constexpr std::string_view kNonsense[] = {
      "null",
      "[]",
      R"("x")",
      "{",
      "",
      R"({"action":"announce"})",
      R"({"action":"announce","info_hash":"\ud800aaaaaaaaaaaaaaaaaaa"})",
      R"({"action":"announce","info_hash":"aaaaaaaaaaaaaaaaaaaaa","peer_id":7,"offers":[null]})"};
  static constexpr std::string_view kBrokenFrames[] = {"\x81\x01x", "\xf1\x80", "\x83\x80",
                                                       "\x81\x81\x01\x01\x01\x01\xfe",
                                                       "\x81\xff\x7f\xff\xff\xff\xff\xff\xff\xff"};
  const unsigned luck = below(100);
  if (luck < 40) return announce_or_move(program);
  if (luck < 50) return write(program, kBrokenFrames[below(std::size(kBrokenFrames))]);
  WsPeer& peer = *links_.at(program.stream).peer;
  for (std::uint32_t i = below(luck < 60 ? 2 * kMaxBadMessages : 4); i > 0; --i) {
    judge_.babbles(peer);
    const bool is_too_bad = judge_.bad_messages(peer) > kMaxBadMessages;
    say(program, kNonsense[below(std::size(kNonsense))]);
    if (peer.is_closed != is_too_bad) judge_.violation("bad messages have another budget");
    if (is_too_bad) return;
  }
}

void World::connect(Program& program) {
  const std::size_t worker = below(static_cast<std::uint32_t>(scenario_.worker_count));
  WsPeer& peer = rig_.connect(program.ip, worker);
  ++outcome_.connections;
  program.stream = peer.stream;
  const auto number = static_cast<std::size_t>(&program - programs_.data());
  links_.emplace(peer.stream, Link{.peer = &peer, .program = number, .heard_at = rig_.now});
}

void World::announce(Program& program, ws::Event event) {
  Program::Share& share = any_share(program);
  if (!share.is_seeder && event == ws::Event::none && is_lucky(3)) {
    share.is_seeder = true;
    event = ws::Event::completed;
  }
  std::vector<ws::Offer> offers(below(kMaxOffers + 1));
  std::vector<std::string> descriptions;
  for (ws::Offer& offer : offers) {
    offer.offer_id = random_id<OfferId>(random_);
    ++offer_count_;
    std::memcpy(offer.offer_id.bytes.data(), &offer_count_, sizeof(offer_count_));
    descriptions.push_back(WsJudge::sdp_json_of(offer.offer_id, "offer"));
  }
  for (std::size_t i = 0; i < offers.size(); ++i) offers[i].sdp = descriptions[i];
  ws::AnnounceRequest request = {.info_hash = share.info_hash,
                                 .peer_id = share.peer_id,
                                 .event = event,
                                 .is_seeder = share.is_seeder,
                                 .offers = offers};
  if (is_lucky(30)) request.numwant = below(kMaxOffers + 3);
  say(program, request);
}

// Most do, some a little later.
void World::answer(Program& program, std::size_t times) {
  for (const HeardOffer& offer : std::exchange(program.unanswered, {})) {
    const auto is_it = [&](const Program::Share& share) {
      return share.info_hash == offer.info_hash;
    };
    const auto share = std::ranges::find_if(program.shares, is_it);
    if (share == program.shares.end() || is_lucky(10)) continue;
    for (std::size_t i = 0; i < times; ++i) answer(program, offer, share->peer_id);
  }
}

void World::answer(Program& program, const HeardOffer& offer, const PeerId& as) {
  const std::string sdp = WsJudge::sdp_json_of(offer.id, "answer");
  say(program, {.info_hash = offer.info_hash,
                .peer_id = as,
                .answer = ws::Answer{offer.from, offer.id, sdp}});
}

void World::scrape(Program& program) {
  const WsPeer& peer = *links_.at(program.stream).peer;
  if (peer.is_closed) return;
  const InfoHash& torrent = any_share(program).info_hash;
  judge_.scrapes(peer, torrent);
  ByteBuffer json;
  encode(ws::ScrapeRequest{.info_hashes = std::span(&torrent, 1)}, json);
  say(program, json.text());
}

void World::say(Program& program, const ws::AnnounceRequest& request) {
  const WsPeer& peer = *links_.at(program.stream).peer;
  if (peer.is_closed) return;
  judge_.announces(peer, request, rig_.now);
  ByteBuffer json;
  encode(request, json);
  say(program, json.text());
}

// Now and then in two frames, with another between them.
void World::say(Program& program, std::string_view json) {
  ++outcome_.said;
  const auto key = static_cast<ws::MaskingKey>(random_());
  ByteBuffer frames;
  if (is_lucky(90)) {
    ws::encode_frame(ws::Opcode::text, as_bytes(json), frames, key);
  } else {
    const std::size_t half = json.size() / 2;
    ws::encode_frame(ws::Opcode::text, as_bytes(json.substr(0, half)), frames, key, false);
    ws::encode_frame(ws::Opcode::ping, as_bytes("there?"), frames, key);
    ws::encode_frame(ws::Opcode::continuation, as_bytes(json.substr(half)), frames, key);
  }
  write(program, frames.text());
}

// Now and then in two pieces.
void World::write(Program& program, std::string_view bytes) {
  Link& link = links_.at(program.stream);
  link.heard_at = rig_.now;
  const std::size_t first =
      is_lucky(90) ? bytes.size() : below(static_cast<std::uint32_t>(bytes.size()));
  for (const std::string_view piece : {bytes.substr(0, first), bytes.substr(first)}) {
    if (piece.empty() || link.peer->is_closed) continue;
    link.peer->unhandled += piece;
    rig_.take_turn(*link.peer, net::StreamEvent::input);
  }
}

void World::leave(Program& program, bool says_so) {
  WsPeer& peer = *links_.at(program.stream).peer;
  if (says_so && !peer.is_stuck) {
    ByteBuffer frame;
    ws::encode_close(ws::CloseCode::normal, {}, frame, 7);
    write(program, frame.text());
    if (!peer.is_closed) judge_.violation("a close is not returned");
  } else if (!peer.is_closed) {
    judge_.leaves(peer);
    rig_.disconnect(peer);
  }
  program.stream = 0;
  program.unanswered.clear();
}

}  // namespace

WsOutcome simulate(const WsScenario& scenario) {
  WsOutcome outcome;
  server::WsRig rig({.max_output_bytes = kMaxOutputBytes,
                     .max_bad_messages = kMaxBadMessages,
                     .max_connection_idle_s = 100'000,
                     .joins_families = scenario.joins_families},
                    scenario.worker_count, kSwarm);
  // What is counted is the tracker's and what tests keep of it, without the programs.
  outcome.live_bytes.reserve(scenario.generations);
  const std::size_t start = test::live_heap_bytes();
  for (std::size_t i = 0; i < scenario.generations; ++i) {
    World(scenario, rig, scenario.seed + i, outcome).run();
    outcome.live_bytes.push_back(test::live_heap_bytes() - start);
  }
  for (const Family family : {Family::ipv4, Family::ipv6}) {
    outcome.dead += rig.count(WsMetric::dead_peers, family);
    outcome.too_slow += rig.count(WsMetric::slow_receivers, family);
    outcome.broken_frames += rig.count(WsMetric::frame_errors, family);
    outcome.too_bad += rig.count(WsMetric::bad_message_closes, family);
    outcome.remaining_peers += rig.swarm.totals(family).peers;
    outcome.remaining_torrents += rig.swarm.totals(family).torrents;
    if (rig.count(WsMetric::upgrades, family) != rig.count(WsMetric::closed, family)) {
      outcome.violations.push_back("connections remain at their handlers");
    }
  }
  outcome.history = rig.sent_hash;
  return outcome;
}

}  // namespace aquatic::simulation
