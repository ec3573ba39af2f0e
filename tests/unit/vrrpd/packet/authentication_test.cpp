#include "vrrpd/packet/authentication.hpp"

#include "tests/support/catch.hpp"

#include <numeric>
#include <string>
#include <string_view>

namespace vrrp::packet {
namespace {

using namespace std::chrono_literals;

common::IpAddress ip(const char* text) { return *common::IpAddress::parse(text); }

std::string hex(common::Octets octets) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const auto octet : octets) {
    text += kDigits[octet >> 4U];
    text += kDigits[octet & 0x0FU];
  }
  return text;
}

AuthenticationKey key(std::uint8_t id, std::uint8_t first = 0) {
  AuthenticationKey made{.id = id, .secret = std::vector<std::uint8_t>(32)};
  std::iota(made.secret.begin(), made.secret.end(), first);
  return made;
}

AuthenticationOptions options(AuthenticationMode mode = AuthenticationMode::Enforce) {
  return {.mode = mode, .keys = {key(1)}};
}

// Half a second after 0x68000000: the sequence of the vectors is 0x6800000080000000.
constexpr common::WallTime kNow{std::chrono::microseconds{0x68000000LL * 1'000'000 + 500'000}};
const auto kSource = ip("198.51.100.10");
const auto kGroup = multicast_group(Family::V4);

std::vector<std::uint8_t> message(const common::IpAddress& source = kSource) {
  return encode({.vrid = {51}, .priority = {200}, .addresses = {ip("192.0.2.100")}},
                ChecksumForm::MessageOnly, source, kGroup);
}

std::vector<std::uint8_t> signed_message(Authenticator& sender, common::WallTime now = kNow) {
  auto octets = message();
  sender.sign(octets, kSource, kGroup, now);
  return octets;
}

Datagram datagram(const std::vector<std::uint8_t>& octets) {
  return {.source = kSource, .destination = kGroup, .time_to_live = 255, .message = octets};
}

TEST_CASE("The vectors of the draft's appendix", "[vrrp][packet][authentication]") {
  SECTION("IPv4: the checksum covers the message alone") {
    Authenticator sender{options()};
    CHECK(hex(signed_message(sender)) ==
          "3133c80100644402c0000264"
          "0101000068000000800000001b84bc4e8e43892dc6d98448f8ee2265");
  }
  SECTION("IPv6: the checksum covers the trailer, too") {
    Authenticator sender{options()};
    auto octets = encode({.vrid = {51}, .priority = {200}, .addresses = {ip("fe80::100")}},
                         ChecksumForm::PseudoHeader, ip("fe80::10"), ip("fe80::20"));
    sender.sign(octets, ip("fe80::10"), ip("fe80::20"), kNow);
    CHECK(hex(octets) ==
          "3133c8010064a2e9fe800000000000000000000000000100"
          "010100006800000080000000c8c56146ebfd66ee10ec4d8186461b78");
    const std::array peers{ip("fe80::10")};
    const std::array listeners{Listener{.vrid = {51}, .family = Family::V6, .peers = peers}};
    const Datagram received{ip("fe80::10"), ip("fe80::20"), 255, octets};
    CHECK(check(received, listeners, ip("fe80::20")).has_value());
    Authenticator receiver{options()};
    CHECK_FALSE(receiver.verify(received, kNow).has_value());
  }
}

TEST_CASE("What was altered on its way is refused", "[vrrp][packet][authentication]") {
  Authenticator sender{options()};
  const auto right = signed_message(sender);
  for (std::size_t bit = 0; bit < right.size() * 8; ++bit) {
    const auto octet = bit / 8;
    if (octet == 6 || octet == 7) continue;  // the checksum speaks for itself
    if (octet == 0 || octet == 3) continue;  // another length of message: see the fuzzer
    auto flipped = right;
    flipped[octet] ^= static_cast<std::uint8_t>(1U << bit % 8);
    Authenticator receiver{options()};
    CAPTURE(bit);
    CHECK(receiver.verify(datagram(flipped), kNow).has_value());
  }
  Authenticator receiver{options()};
  auto elsewhere = datagram(right);
  elsewhere.source = ip("198.51.100.11");
  CHECK(receiver.verify(elsewhere, kNow) == Refusal::Hmac);
  CHECK_FALSE(receiver.verify(datagram(right), kNow).has_value());
}

TEST_CASE("A trailer is refused for its reason", "[vrrp][packet][authentication]") {
  Authenticator sender{options()};
  auto octets = signed_message(sender);
  const auto trailer = octets.size() - kTrailerOctets;
  auto now = kNow;
  Refusal reason{};
  SECTION("another type") {
    octets[trailer] = 2;
    reason = Refusal::Trailer;
  }
  SECTION("cut") {
    octets.pop_back();
    reason = Refusal::Trailer;
  }
  SECTION("one octet more") {
    octets.push_back(0);
    reason = Refusal::Trailer;
  }
  SECTION("an id that is not ours") {
    octets[trailer + 1] = 9;
    reason = Refusal::UnknownKey;
  }
  SECTION("too old") {
    now += 7s;
    reason = Refusal::Stale;
  }
  SECTION("from the future") {
    now -= 7s;
    reason = Refusal::Stale;
  }
  SECTION("gone") {
    octets.resize(trailer);
    reason = Refusal::Unsigned;
  }
  Authenticator receiver{options()};
  const auto refused = receiver.verify(datagram(octets), now);
  REQUIRE(refused.has_value());
  CHECK(name(*refused) == name(reason));
}

TEST_CASE("The modes, in the order a group moves through them", "[vrrp][packet][authentication]") {
  using enum AuthenticationMode;
  struct Case {
    AuthenticationMode sender;
    AuthenticationMode receiver;
    bool obeyed;
  };
  const auto c = GENERATE(values<Case>({
      {Off, Off, true},
      {Enforce, Off, true},
      {Off, ReceiveOnly, true},
      {ReceiveOnly, ReceiveOnly, true},
      {Permissive, ReceiveOnly, true},
      {ReceiveOnly, Permissive, true},
      {Permissive, Permissive, true},
      {Permissive, Enforce, true},
      {Enforce, Permissive, true},
      {ReceiveOnly, Enforce, false},
      {Off, Enforce, false},
  }));
  Authenticator sender{options(c.sender)};
  Authenticator receiver{options(c.receiver)};
  const auto octets = signed_message(sender);
  CHECK(receiver.verify(datagram(octets), kNow).has_value() != c.obeyed);
  // What pretends to be signed must be, whoever receives it and looks.
  if (c.receiver == Off || octets.size() == message().size()) return;
  auto forged = octets;
  forged.back() ^= 1;
  CHECK(receiver.verify(datagram(forged), kNow) == Refusal::Hmac);
}

TEST_CASE("What was heard once is not believed again", "[vrrp][packet][authentication]") {
  Authenticator sender{options()};
  Authenticator receiver{options()};
  const auto first = signed_message(sender);
  const auto second = signed_message(sender);  // at the same instant: the counter tells them apart
  const auto third = signed_message(sender, kNow + 1s);
  CHECK_FALSE(receiver.verify(datagram(first), kNow).has_value());
  CHECK(receiver.verify(datagram(first), kNow) == Refusal::Replay);
  CHECK_FALSE(receiver.verify(datagram(third), kNow + 1s).has_value());
  CHECK(receiver.verify(datagram(second), kNow + 1s) == Refusal::Replay);
}

TEST_CASE("A clock that is set back silences a sender for no longer than the window",
          "[vrrp][packet][authentication]") {
  Authenticator sender{options()};
  Authenticator receiver{options()};
  CHECK_FALSE(receiver.verify(datagram(signed_message(sender, kNow)), kNow).has_value());
  const auto back = kNow - 1h;  // both clocks: the receiver's, too
  CHECK_FALSE(receiver.verify(datagram(signed_message(sender, back)), back).has_value());
  // A little back: the sequence goes on from before.
  const auto little = back - 2s;
  CHECK_FALSE(receiver.verify(datagram(signed_message(sender, little)), little).has_value());
}

TEST_CASE("The sequence wraps around without a fault", "[vrrp][packet][authentication]") {
  constexpr common::WallTime kLast{std::chrono::microseconds{0xFFFFFFFFLL * 1'000'000 + 900'000}};
  Authenticator sender{options()};
  Authenticator receiver{options()};
  CHECK_FALSE(receiver.verify(datagram(signed_message(sender, kLast)), kLast).has_value());
  const auto next = kLast + 1s;
  CHECK_FALSE(receiver.verify(datagram(signed_message(sender, next)), next).has_value());
}

TEST_CASE("Keys are exchanged by adding, signing with the new one, removing",
          "[vrrp][packet][authentication]") {
  auto both = options();
  both.keys.push_back(key(2, 100));
  auto with_new = both;
  with_new.sign_with = 2;
  Authenticator old_sender{options()};
  Authenticator new_sender{with_new};
  Authenticator receiver{both};
  CHECK_FALSE(receiver.verify(datagram(signed_message(old_sender)), kNow).has_value());
  CHECK_FALSE(receiver.verify(datagram(signed_message(new_sender, kNow + 1s)), kNow).has_value());
  Authenticator behind{options()};
  CHECK(behind.verify(datagram(signed_message(new_sender, kNow + 2s)), kNow) ==
        Refusal::UnknownKey);
}

TEST_CASE("Many senders push the oldest out of memory, forged ones none",
          "[vrrp][packet][authentication]") {
  Authenticator receiver{options()};
  Authenticator sender{options()};
  const auto first = signed_message(sender);
  CHECK_FALSE(receiver.verify(datagram(first), kNow).has_value());
  const auto hear = [&](std::uint32_t number, bool forged) {
    const auto source = common::IpAddress::v4(0x0A000000 + number);
    auto octets = message(source);
    sender.sign(octets, source, kGroup, kNow);
    if (forged) octets.back() ^= 1;
    auto received = datagram(octets);
    received.source = source;
    receiver.verify(received, kNow);
  };
  for (std::uint32_t i = 0; i < 100; ++i) hear(i, true);
  CHECK(receiver.verify(datagram(first), kNow) == Refusal::Replay);
  for (std::uint32_t i = 0; i < Authenticator::kMostSenders; ++i) hear(i, false);
  CHECK_FALSE(receiver.verify(datagram(first), kNow).has_value());
}

}  // namespace
}  // namespace vrrp::packet
