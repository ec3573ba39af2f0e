#pragma once

#include "app/privacy/vault.hpp"
#include "app/store/session.hpp"
#include "app/store/store.hpp"

#include <optional>
#include <string>

namespace booking::store {

// How personal data is spelled in the tables: sealed for its column and its row.

std::string seal(const privacy::Vault& vault, const char* column, const core::BookingId& row,
                 std::string_view text);
/// Throws SqlError when it cannot be opened: a key is missing, or somebody changed the table.
std::string unseal(const privacy::Vault& vault, const char* column, const core::BookingId& row,
                   std::string_view sealed);

/// Of an address's second part: NULL when there is none.
Parameter sealed_detail(const privacy::Vault& vault, const core::BookingId& row,
                        std::string_view detail);

inline constexpr const char* kPhoneColumn = "customer.phone";
inline constexpr const char* kNoteColumn = "customer.note";
inline constexpr const char* kFactorColumn = "second_factor.secret";
inline constexpr const char* kAnswerColumn = "answered_request.body";
inline constexpr const char* kAddressColumn = "booking.address";
inline constexpr const char* kAddressDetailColumn = "booking.address_detail";
inline constexpr const char* kDescriptionColumn = "booking.description";
inline constexpr const char* kReasonColumn = "booking.reason";
inline constexpr const char* kEventColumn = "booking_event.detail";

/// The same sealed by the active key; nothing when it is so already, or empty.
std::optional<std::string> sealed_anew(const privacy::Vault& vault, const char* column,
                                       const core::BookingId& row, std::string_view sealed);

Blob phone_index(const privacy::Vault& vault, const core::Phone& phone);
/// What stands in the old column of the telephone number: unique, and a number of nobody.
std::string phone_token(const privacy::Vault& vault, const core::Phone& phone);
/// What an anonymised booking shows for its telephone number: 010-0000-0000.
core::Phone nobodys_phone();

/// One page of rows that hold something sealed by no key or by another than the active one, sealed
/// anew.
Resealed reseal(Session& db, const privacy::Vault& vault, std::size_t limit);

}  // namespace booking::store
