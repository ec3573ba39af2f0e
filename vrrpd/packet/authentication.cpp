#include "vrrpd/packet/authentication.hpp"

#include "common/contract.hpp"

#include <algorithm>
#include <sodium.h>

namespace vrrp::packet {
namespace {

constexpr std::uint8_t kTypeHmacSha256 = 1;
constexpr std::size_t kPseudoHeaderOctets = 20;
constexpr std::size_t kChecksumAt = 6;  // in the message
constexpr std::size_t kSequenceAt = 4;  // in the trailer
constexpr std::size_t kHmacAt = 12;
constexpr std::size_t kHmacOctets = kTrailerOctets - kHmacAt;
using Hmac = std::array<std::uint8_t, kHmacOctets>;

/// Family, version, VRID, 0, source: a trailer fits no other Virtual Router and no other sender.
/// `signed_message` ends with its trailer.
Hmac hmac_of(common::Octets signed_message, const common::IpAddress& source,
             const AuthenticationKey& key) {
  std::vector<std::uint8_t> covered{static_cast<std::uint8_t>(source.is_v6() ? 6 : 4),
                                    static_cast<std::uint8_t>(signed_message[0] >> 4U),
                                    signed_message[1], 0};
  const auto& address = source.octets();
  covered.insert(covered.end(), address.begin(), address.end());
  common::expects(covered.size() == kPseudoHeaderOctets, "an address has 16 octets");
  covered.insert(covered.end(), signed_message.begin(), signed_message.end());
  const auto zero = [&covered](std::size_t at, std::size_t count) {
    std::fill_n(covered.begin() + static_cast<std::ptrdiff_t>(at), count, std::uint8_t{0});
  };
  zero(kPseudoHeaderOctets + kChecksumAt, 2);
  zero(covered.size() - kHmacOctets, kHmacOctets);

  std::array<std::uint8_t, crypto_auth_hmacsha256_BYTES> digest{};
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, key.secret.data(), key.secret.size());
  crypto_auth_hmacsha256_update(&state, covered.data(), covered.size());
  crypto_auth_hmacsha256_final(&state, digest.data());
  Hmac cut{};
  std::copy_n(digest.begin(), kHmacOctets, cut.begin());
  return cut;
}

/// The clock as a sequence, its counter 0.
std::uint64_t sequence_at(common::WallTime now) {
  const auto microseconds = static_cast<std::uint64_t>(now.time_since_epoch().count());
  const auto fraction = (microseconds % 1'000'000U << 16U) / 1'000'000U;
  return (microseconds / 1'000'000U & 0xFFFFFFFFU) << 32U | fraction << 16U;
}

/// Serial number arithmetic (RFC 1982): what wraps around is no fault.
bool is_after(std::uint64_t one, std::uint64_t other) {
  return static_cast<std::int64_t>(one - other) > 0;
}

}  // namespace

void Authenticator::sign(std::vector<std::uint8_t>& message, const common::IpAddress& source,
                         const common::IpAddress& destination, common::WallTime now) {
  if (options_.mode == AuthenticationMode::Off || options_.mode == AuthenticationMode::ReceiveOnly)
    return;
  const auto* const chosen = key(options_.sign_with);
  common::expects(chosen != nullptr, "the key to sign with is one of the keys");
  // A clock that was set back far would have every receiver refuse what goes on from before.
  const auto clock = sequence_at(now);
  sent_ = is_after(clock, sent_) || !within_window(sent_, now) ? clock : sent_ + 1;

  const auto trailer_at = static_cast<std::ptrdiff_t>(message.size());
  message.insert(message.end(), {kTypeHmacSha256, chosen->id, 0, 0});
  common::append_big_endian(message, sent_);
  message.resize(message.size() + kHmacOctets);
  std::ranges::copy(hmac_of(message, source, *chosen),
                    message.begin() + trailer_at + std::ptrdiff_t{kHmacAt});
  if (source.is_v6()) seal(message, ChecksumForm::PseudoHeader, source, destination);
}

std::optional<Refusal> Authenticator::verify(const Datagram& datagram, common::WallTime now) {
  if (options_.mode == AuthenticationMode::Off) return std::nullopt;
  const auto message = message_of(datagram);
  const auto trailer = datagram.message.subspan(message.size());
  if (trailer.empty()) {
    if (options_.mode == AuthenticationMode::Enforce) return Refusal::Unsigned;
    return std::nullopt;
  }
  if (trailer.size() != kTrailerOctets || trailer[0] != kTypeHmacSha256 || trailer[2] != 0 ||
      trailer[3] != 0)
    return Refusal::Trailer;
  // Cheap before dear: a flood of old captures costs no HMAC.
  const auto sequence = common::load_big_endian<std::uint64_t>(trailer.subspan<kSequenceAt, 8>());
  if (!within_window(sequence, now)) return Refusal::Stale;
  const auto* const named = key(trailer[1]);
  if (named == nullptr) return Refusal::UnknownKey;
  const auto right = hmac_of(datagram.message, datagram.source, *named);
  if (::sodium_memcmp(right.data(), trailer.subspan(kHmacAt).data(), right.size()) != 0)
    return Refusal::Hmac;
  // Last, so that nothing forged moves what is remembered.
  if (!is_new(datagram.source, sequence, now)) return Refusal::Replay;
  return std::nullopt;
}

const AuthenticationKey* Authenticator::key(std::uint8_t id) const {
  const auto found = std::ranges::find(options_.keys, id, &AuthenticationKey::id);
  return found == options_.keys.end() ? nullptr : &*found;
}

bool Authenticator::within_window(std::uint64_t sequence, common::WallTime now) const {
  const auto apart = static_cast<std::int64_t>(sequence - sequence_at(now)) >> 32U;
  // The shift rounds towards the past; a second more or less is the draft's own grain.
  return apart <= options_.window.count() && apart >= -options_.window.count() - 1;
}

bool Authenticator::is_new(const common::IpAddress& source, std::uint64_t sequence,
                           common::WallTime now) {
  const auto known = std::ranges::find(senders_, source, &Sender::address);
  if (known != senders_.end()) {
    // What is remembered from outside the window orders nothing that the window lets in.
    if (within_window(known->sequence, now) && !is_after(sequence, known->sequence)) return false;
    senders_.erase(known);
  }
  if (senders_.size() == kMostSenders) senders_.erase(senders_.begin());
  senders_.push_back({source, sequence});
  return true;
}

}  // namespace vrrp::packet
