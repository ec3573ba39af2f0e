#include "vrrpd/handover/message.hpp"

#include "tests/support/catch.hpp"
#include "vrrpd/handover/sessions.hpp"

#include <filesystem>
#include <fstream>
#include <unistd.h>

namespace vrrp::handover {
namespace {

Key key(std::string_view text = "a-secret-of-some-length") { return *Key::from_text(text); }

Message message() {
  return {.kind = Kind::Offer,
          .vrid = {51},
          .family = Family::V4,
          .priority = {200},
          .active = true,
          .holding = false,
          .places = {{.vrid = {51},
                      .mac = {2, 0, 0, 0, 0, 1},
                      .address = *common::IpAddress::parse("192.168.10.11")},
                     {.vrid = {52},
                      .family = Family::V6,
                      .mac = {2, 0, 0, 0, 0, 2},
                      .address = *common::IpAddress::parse("fe80::2")}},
          .transfer = 0x0102030405060708,
          .stamp = {11, 22, 33}};
}

TEST_CASE("A message is read as it was written", "[vrrp][handover]") {
  for (int kind = 1; kind <= 8; ++kind) {
    auto one = message();
    one.kind = static_cast<Kind>(kind);
    one.active = kind % 2 == 0;
    one.holding = kind % 3 == 0;
    one.family = kind % 2 == 0 ? Family::V4 : Family::V6;
    one.places.resize(static_cast<std::size_t>(kind), one.places.back());
    const auto octets = encode(one, key());
    CHECK(octets.size() == kShortestMessage + one.places.size() * kPlaceOctets);
    REQUIRE(decode(octets, key()).has_value());
    CHECK(*decode(octets, key()) == one);
  }
}

TEST_CASE("Nothing of a message can be changed, cut or made without the key", "[vrrp][handover]") {
  const auto octets = encode(message(), key());
  for (std::size_t i = 0; i < octets.size(); ++i) {
    auto changed = octets;
    changed[i] ^= 1;
    CAPTURE(i);
    CHECK(decode(changed, key()).error() == (i < 4 ? BadMessage::Magic : BadMessage::Mac));
  }
  CHECK(decode(common::Octets{octets}.first(octets.size() - 1), key()).error() ==
        BadMessage::Length);
  CHECK(decode({}, key()).error() == BadMessage::Length);
  auto longer = octets;
  longer.push_back(0);
  CHECK(decode(longer, key()).error() == BadMessage::Length);
  CHECK(decode(octets, key("another secret of length")).error() == BadMessage::Mac);
}

TEST_CASE("A message by the key with values that mean nothing is refused", "[vrrp][handover]") {
  auto one = message();
  SECTION("kind 0") { one.kind = static_cast<Kind>(0); }
  SECTION("kind 9") { one.kind = static_cast<Kind>(9); }
  SECTION("VRID 0") { one.vrid = {0}; }
  SECTION("VRID 0 of a place") { one.places.back().vrid = {0}; }
  CHECK(decode(encode(one, key()), key()).error() == BadMessage::Value);
}

TEST_CASE("A family or a number of places that cannot be is refused", "[vrrp][handover]") {
  auto octets = encode(message(), key());
  const auto at = GENERATE(std::size_t{6}, std::size_t{9}, std::size_t{45});
  octets[at] = 3;
  octets.resize(octets.size() - Key::kMacOctets);
  const auto mac = key().sign(octets);
  octets.insert(octets.end(), mac.begin(), mac.end());
  CAPTURE(at);
  CHECK(decode(octets, key()).error() == BadMessage::Value);
}

TEST_CASE("A secret is of some length, and its file is for few", "[vrrp][handover]") {
  CHECK_FALSE(Key::from_text("fifteen letters").has_value());
  CHECK_FALSE(Key::from_text(std::string(513, 'x')).has_value());
  CHECK(Key::from_text(std::string(512, 'x')).has_value());
  const auto path =
      std::filesystem::temp_directory_path() / ("vrrpd-key-test-" + std::to_string(::getpid()));
  std::ofstream{path} << "a-secret-of-some-length\r\nanother line\n";
  std::filesystem::permissions(path, std::filesystem::perms{0640});
  REQUIRE(Key::from_file(path).has_value());
  CHECK(*Key::from_file(path) == key());
  std::filesystem::permissions(path, std::filesystem::perms{0644});
  CHECK(Key::from_file(path).error().right.starts_with("chmod 0640"));
  std::filesystem::remove(path);
  CHECK_FALSE(Key::from_file(path).has_value());
  CHECK_FALSE(Key::from_file("/").has_value());
}

// Sessions

const auto kA = common::IpAddress::v4(0xC0A80A0B);
const auto kB = common::IpAddress::v4(0xC0A80A0C);

struct End {
  explicit End(std::uint64_t seed) : next{seed}, sessions{[this] { return next += 1000; }} {}
  Stamp stamp(const common::IpAddress& peer) { return sessions.next(peer, ++sequence); }
  Sessions::Verdict judge(const common::IpAddress& peer, const Stamp& stamp) {
    return sessions.judge(peer, stamp, ++sequence);
  }
  std::uint64_t next;
  std::uint64_t sequence{0};
  Sessions sessions;
};

void meet(End& a, End& b) {
  const auto first = b.judge(kA, a.stamp(kB));
  REQUIRE_FALSE(first.fresh);
  REQUIRE(first.reply);
  REQUIRE(a.judge(kB, *first.reply).fresh);
  REQUIRE(b.judge(kA, a.stamp(kB)).fresh);
  REQUIRE(a.judge(kB, b.stamp(kA)).fresh);
}

TEST_CASE("Two that do not know each other need one more word", "[vrrp][handover][replay]") {
  End a{1};
  End b{7};
  meet(a, b);
  for (int i = 0; i < 3; ++i) {
    CHECK(a.judge(kB, b.stamp(kA)).fresh);
    CHECK(b.judge(kA, a.stamp(kB)).fresh);
  }
}

TEST_CASE("Who hears what was said to everybody, stranger or known, answers and is believed",
          "[vrrp][handover][replay]") {
  const auto everybody = common::IpAddress::v4(0xFFFFFFFF);
  End a{1};
  End b{7};
  if (GENERATE(false, true)) meet(a, b);
  const auto hail = a.stamp(everybody);
  const auto heard = b.judge(kA, hail);
  CHECK_FALSE(heard.fresh);
  REQUIRE(heard.reply);
  auto answer = a.judge(kB, *heard.reply);
  if (answer.reply) CHECK(b.judge(kA, *answer.reply).fresh);
  CHECK(a.judge(kB, b.stamp(kA)).fresh);
  // Recorded and said again it is still no word of now.
  CHECK_FALSE(b.judge(kA, hail).fresh);
  CHECK(a.judge(kB, b.stamp(kA)).fresh);
}

TEST_CASE("What was sent before is not believed again, in whatever order it comes",
          "[vrrp][handover][replay]") {
  End a{1};
  End b{7};
  meet(a, b);
  const auto one = a.stamp(kB);
  const auto two = a.stamp(kB);
  CHECK(b.judge(kA, two).fresh);
  for (const auto& old : {one, two}) {
    const auto verdict = b.judge(kA, old);
    CHECK_FALSE(verdict.fresh);
    CHECK_FALSE(verdict.reply);
  }
  CHECK(b.judge(kA, a.stamp(kB)).fresh);
}

TEST_CASE("After a restart of either, or of both, they find each other again",
          "[vrrp][handover][replay]") {
  End a{1};
  auto b = std::make_unique<End>(7);
  meet(a, *b);
  const auto recorded = a.stamp(kB);
  b = std::make_unique<End>(7'000'000);
  // The new one does not believe the old word, nor what was recorded.
  const auto verdict = b->judge(kA, a.stamp(kB));
  CHECK_FALSE(verdict.fresh);
  REQUIRE(verdict.reply);
  CHECK(a.judge(kB, *verdict.reply).fresh == false);  // its own number is not proven by that
  for (int i = 0; i < 4; ++i) {
    const auto at_b = b->judge(kA, a.stamp(kB));
    if (at_b.reply)
      if (const auto at_a = a.judge(kB, *at_b.reply); at_a.reply) b->judge(kA, *at_a.reply);
  }
  CHECK(b->judge(kA, a.stamp(kB)).fresh);
  CHECK(a.judge(kB, b->stamp(kA)).fresh);
  CHECK_FALSE(b->judge(kA, recorded).fresh);
}

TEST_CASE("A flood of recorded words does not end a session", "[vrrp][handover][replay]") {
  End a{1};
  End b{7};
  meet(a, b);
  for (std::uint64_t i = 0; i < 1000; ++i) CHECK_FALSE(b.judge(kA, {i, i + 5, i}).fresh);
  CHECK(b.judge(kA, a.stamp(kB)).fresh);
  CHECK(a.judge(kB, b.stamp(kA)).fresh);
  // More senders than a group has: bounded, and the session of one may have to begin anew.
  for (std::uint32_t i = 0; i < 100; ++i) b.judge(common::IpAddress::v4(i), {1, 2, 3});
}

}  // namespace
}  // namespace vrrp::handover
