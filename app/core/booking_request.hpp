#pragma once

#include "app/core/booking.hpp"
#include "app/core/calendar.hpp"
#include "app/core/field_error.hpp"
#include "common/time.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace booking::core {

// Lengths in characters (Unicode code points), after blanks around the text are cut off.
inline constexpr std::size_t kMaxDescription = 2000;
inline constexpr std::size_t kMaxAddress = 200;
inline constexpr std::size_t kMaxAddressDetail = 100;
inline constexpr std::size_t kMaxName = 60;
inline constexpr std::size_t kMaxPreferred = 3;
inline constexpr std::chrono::days kBookingHorizon{180};

/// A request as it came in from a form or a JSON body: words, nothing checked. A field that is
/// missing is empty.
struct BookingDraft {
  struct Window {
    std::string date;
    std::string part;    // empty means any
    std::string time{};  // `14:00`; empty means none
  };

  std::string service;
  std::string description;
  std::string address;
  std::string address_detail{};
  std::string name;
  std::string phone;
  std::vector<Window> preferred;
  bool keep_photos{false};
  bool marketing{false};
  bool urgent{false};
};

/// Either a request, or everything that is wrong with it.
struct CheckedRequest {
  std::optional<BookingRequest> request;
  std::vector<FieldError> errors;
};

/// Text must be UTF-8 without control characters (line breaks and tabs may stand in the
/// description), preferred windows lie between today and the horizon in Seoul's calendar and are
/// worked by the shop's rules. A window with a time is that time; a part of the day beside it may
/// only be the half it lies in.
CheckedRequest validate(const BookingDraft& draft, common::WallTime now,
                        const CalendarRules& calendar = usual_calendar());

/// One text for one meaning: what the idempotency fingerprint is taken of.
std::string canonical_text(const BookingRequest& request);

}  // namespace booking::core
