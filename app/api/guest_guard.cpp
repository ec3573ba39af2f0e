#include "app/api/guest_guard.hpp"

#include "app/auth/proof.hpp"
#include "common/time.hpp"

namespace booking::api {
namespace {

core::Failures failures_of(const store::LoginFailures& stored) {
  return {stored.count, stored.last};
}

}  // namespace

store::Awaitable<std::optional<Locked>> GuestGuard::check(const GuestClaim& claim) {
  const auto failures = co_await store_.read_login_failures(subjects(claim));
  if (!failures) co_return failures.error();
  co_return judge(claim, *failures, common::wall_now());
}

std::optional<Locked> GuestGuard::judge(const GuestClaim& claim, const Failures& failures,
                                        common::WallTime now) const {
  const auto& [by_address, by_phone] = failures;
  const auto verdict =
      core::stricter(core::judge(limits_.free_by_address, failures_of(by_address), limits_, now),
                     core::judge(limits_.free_by_phone, failures_of(by_phone), limits_, now));
  if (verdict.open()) return std::nullopt;
  const auto who = subjects(claim);
  const auto subject =
      who[0] + ' ' + who[1] + ' ' + std::to_string(by_address.count + by_phone.count);
  const auto key = vault_.index("proof", "key");
  if (auth::is_proof(key, subject, verdict.bits, claim.proof, now)) return std::nullopt;
  return Locked{verdict, auth::make_challenge(key, subject, verdict.bits, now)};
}

store::Awaitable<store::Done> GuestGuard::failed(const GuestClaim& claim) {
  const auto now = common::wall_now();
  for (auto subject : subjects(claim))
    if (const auto counted =
            co_await store_.record_login_failure(std::move(subject), now, limits_.memory);
        !counted)
      co_return counted.error();
  co_return store::Done{};
}

std::array<std::string, 2> GuestGuard::subjects(const GuestClaim& claim) const {
  return {"lookup-address:" + claim.client.to_string(), phone_subject(claim)};
}

/// By a hash: the table of counters holds nobody's number.
std::string GuestGuard::phone_subject(const GuestClaim& claim) const {
  constexpr std::size_t kOctets = 12;
  constexpr std::string_view kDigits = "0123456789abcdef";
  const auto phone = core::Phone::parse(claim.phone);
  const auto index = vault_.index("guard", phone ? phone->e164() : claim.phone);
  std::string subject{"lookup-phone:"};
  for (std::size_t i = 0; i < kOctets; ++i) {
    subject += kDigits[index[i] >> 4U];
    subject += kDigits[index[i] & 0x0FU];
  }
  return subject;
}

}  // namespace booking::api
