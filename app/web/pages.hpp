#pragma once

#include "app/web/web_options.hpp"

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace booking::web {

inline constexpr std::size_t kPreferredRows = 3;

/// The request form as the guest filled it in; also what it shows again after a fault.
struct RequestForm {
  struct Preferred {
    std::string date;
    std::string window;
  };

  std::string key{};  // Idempotency-Key of this one form
  std::string service{};
  std::string description{};
  std::string address{};
  std::string name{};
  std::string phone{};
  std::array<Preferred, kPreferredRows> preferred{};
};

struct LookupForm {
  std::string number;
  std::string phone;
};

/// What is wrong with one field. `field` is the name of the form's field ("phone", "date-0"),
/// `text` the Korean sentence that stands under it.
struct FieldFault {
  std::string field;
  std::string text;
};

/// What a guest who knows number and phone is told. Times are already in words.
struct FoundBooking {
  std::string number;
  std::string status;   // requested, quoted, …
  std::string service;  // leak, clog, …
  std::string created;
  std::string visit;  // empty: not agreed yet
};

/// Which message stands over a form, besides those of its fields.
enum class Notice { None, Faults, SentBefore, NotFound };

/// Whole pages, UTF-8.
std::string request_page(const WebOptions& options, const RequestForm& form,
                         const std::vector<FieldFault>& faults, Notice notice);
std::string request_done_page(const WebOptions& options, std::string_view number);
std::string lookup_page(const WebOptions& options, const LookupForm& form,
                        const std::vector<FieldFault>& faults, Notice notice);
std::string lookup_found_page(const WebOptions& options, const FoundBooking& booking);
/// A page of a heading and a sentence, for errors.
std::string message_page(const WebOptions& options, std::string_view heading,
                         std::string_view text);

}  // namespace booking::web
