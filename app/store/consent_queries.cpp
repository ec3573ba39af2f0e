#include "app/store/consent_queries.hpp"

#include "app/store/row_values.hpp"

#include <optional>
#include <utility>

namespace booking::store {
namespace {

/// Of `kind, notice, text_hash, given_us`; nothing when a later release knows more kinds.
std::optional<core::Consent> consent_of(const Row& row) {
  const auto kind = core::consent_kind_of(row.integer(0));
  if (!kind) return std::nullopt;
  core::Consent consent{*kind, row.text(1), std::nullopt, wall_time(row.integer(3))};
  if (!row.is_null(2)) consent.text = octets_of<32>(row.text(2));
  return consent;
}

}  // namespace

void insert_consents(Session& db, const core::BookingId& booking, const CreateBooking& command) {
  const auto give = [&](core::ConsentKind kind, const core::TextHash& text) {
    db.execute(
        "INSERT INTO consent (booking_id, kind, notice, text_hash, given_us) VALUES (?, ?, ?, ?, "
        "?)",
        {blob(booking), static_cast<std::int64_t>(kind), std::string{core::kNoticeVersion},
         blob(text), micros(command.now)});
  };
  if (command.request.keep_photos) give(core::ConsentKind::KeepPhotos, command.texts.keep_photos);
  if (command.request.marketing) give(core::ConsentKind::Marketing, command.texts.marketing);
}

std::vector<core::Consent> consents_of(Session& db, const core::BookingId& booking) {
  std::vector<core::Consent> consents;
  for (const auto& row : db.query("SELECT kind, notice, text_hash, given_us FROM consent WHERE "
                                  "booking_id = ? ORDER BY kind",
                                  {blob(booking)}))
    if (auto consent = consent_of(row)) consents.push_back(std::move(*consent));
  return consents;
}

std::vector<CustomerFile::Agreed> consents_of_customer(Session& db,
                                                       const core::BookingId& customer) {
  std::vector<CustomerFile::Agreed> all;
  for (const auto& row : db.query(
           "SELECT k.kind, k.notice, k.text_hash, k.given_us, b.number FROM booking b JOIN consent "
           "k ON k.booking_id = b.id WHERE b.customer_id IN (SELECT m.id FROM customer m WHERE "
           "m.id = ? OR m.merged_into = ?) ORDER BY k.given_us DESC, k.kind LIMIT ?",
           {blob(customer), blob(customer), static_cast<std::int64_t>(kMostHistory)})) {
    auto consent = consent_of(row);
    const auto number = core::BookingNumber::parse(row.text(4));
    if (consent && number) all.push_back({*number, std::move(*consent)});
  }
  return all;
}

}  // namespace booking::store
