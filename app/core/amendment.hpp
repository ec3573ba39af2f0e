#pragma once

#include "app/core/booking.hpp"
#include "app/core/booking_request.hpp"

#include <optional>
#include <string>
#include <vector>

namespace booking::core {

/// What a guest mends of a request that stands; what is absent stays as it is.
struct Amendment {
  std::optional<std::string> description;
  std::optional<std::string> address;  // another building: the detail of before is not of it
  std::optional<std::vector<PreferredWindow>> preferred;
  std::optional<std::string> address_detail{};
  std::optional<std::string> name{};
  std::optional<Phone> phone{};  // the new one; who asks proves the old one

  bool operator==(const Amendment&) const = default;
};

/// An amendment as it came in: nothing checked.
struct AmendmentDraft {
  std::optional<std::string> description;
  std::optional<std::string> address;
  std::optional<std::vector<BookingDraft::Window>> preferred;
  std::optional<std::string> address_detail{};
  std::optional<std::string> name{};
  std::optional<std::string> new_phone{};
};

struct CheckedAmendment {
  std::optional<Amendment> amendment;
  std::vector<FieldError> errors;
};

/// Each field as in a request; one of them must be there.
CheckedAmendment validate(const AmendmentDraft& draft, common::WallTime now,
                          const CalendarRules& calendar);

/// Whether it can still be taken: once a visit is promised only other wishes for its time can be.
bool fits(const Amendment& amendment, Status status);

/// Its fields, for the audit log: `address, phone`. None of their values.
std::string fields_of(const Amendment& amendment);

/// The booking's request with the amendment in it.
BookingRequest amended(BookingRequest request, const Amendment& amendment);

inline constexpr std::size_t kMaxReason = 500;  // characters, of a rejection or a cancellation
/// One or more lines; nothing when it is too long or cannot be stored. May be empty.
std::optional<std::string> checked_reason(std::string_view text);

}  // namespace booking::core
