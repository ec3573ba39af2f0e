#pragma once

#include "app/web/texts.hpp"
#include "app/web/web_options.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace booking::web {

inline constexpr std::size_t kPreferredRows = 3;

/// Whose page it is and how it is spoken.
struct View {
  const WebOptions& options;
  Language language{Language::Korean};
};

/// The request form as the guest filled it in; also what it shows again after a fault.
struct RequestForm {
  struct Preferred {
    std::string date;
    std::string window;  // any, morning, afternoon or a time
  };

  std::string key{};  // Idempotency-Key of this one form
  std::string service{};
  std::string description{};
  std::string address{};
  std::string address_detail{};
  std::string name{};
  std::string phone{};
  std::array<Preferred, kPreferredRows> preferred{};
  bool keep_photos{false};
  bool marketing{false};
  bool urgent{false};
  std::vector<std::string> photos{};  // where those uploaded already can be seen
};

/// When the shop comes, for the fields that ask for a day.
struct DayOffer {
  std::string first{};  // `2026-12-01`, the first and the last day that can be wished for; empty:
  std::string last{};   // no limits
  std::string rest{};   // days between them without visits, with a blank between two
  std::string words{};  // of the hours and the days of rest
  std::vector<std::string> times{};  // `14:00`, in order: each that some day has
  // For scripts: the times of a day with blanks between them, each set of them once, with a bar
  // between two; and which set each day from the first to the last has, `-` for a day of rest.
  std::string sets{};
  std::string set_of_day{};
};

struct LookupForm {
  std::string number{};
  std::string phone{};
  std::string name{};
  std::string name_phone{};
};

/// Work a browser does for another try at once; who runs no script waits.
struct ProofWanted {
  std::string challenge;
  unsigned bits{0};
  std::int64_t seconds{0};
};

/// What is wrong with one field. `field` is the name of the form's field ("phone", "date-0"),
/// `text` the sentence that stands under it.
struct FieldFault {
  std::string field;
  std::string text;
};

/// What a guest who knows number and phone is told. Times are already in words, sums in figures.
struct FoundBooking {
  struct Event {
    std::string when;
    std::string move;    // request, quote, …
    std::string detail;  // may be empty
  };
  struct Item {
    std::string text;
    std::string amount;
  };

  std::string number{};
  std::string phone{};    // as it was typed: each form of the page brings it along
  std::string proof{};    // of work, when the booking was locked: each form brings that as well
  std::string key{};      // Idempotency-Key of the next move
  std::string version{};  // of the booking as it is shown
  std::string status{};   // requested, quoted, …
  std::string service{};  // leak, clog, …
  std::string created{};
  std::string visit{};      // empty: not agreed yet
  std::string preferred{};  // in words
  std::string reason{};
  std::vector<Item> items{};  // of the estimate; none without one
  std::string total{};
  std::string note{};
  std::string valid_until{};
  std::vector<Event> events{};
  std::vector<std::string> moves{};  // that the guest can make now
  bool words_can_change{false};      // and not only the wishes for a time
  std::vector<std::string> photos{};
};

/// A booking in a list for who knows name and phone: part of the number is hidden.
struct ListedBooking {
  std::string number;
  std::string status;
  std::string service;
  std::string created;
};

/// Which message stands over a page, by its key in texts/; empty: none.
struct Notice {
  std::string_view key{};
  bool good{false};
};

/// Whole pages, UTF-8.
std::string request_page(const View& view, const RequestForm& form,
                         const std::vector<FieldFault>& faults, Notice notice,
                         const DayOffer& offer = {});
std::string review_page(const View& view, const RequestForm& form);
/// `qr` is markup of qr_svg().
std::string request_done_page(const View& view, std::string_view number, std::string_view qr);
std::string lookup_page(const View& view, const LookupForm& form,
                        const std::vector<FieldFault>& faults, Notice notice,
                        const ProofWanted& proof);
std::string listed_page(const View& view, const std::vector<ListedBooking>& bookings);
/// `change` and `faults`: what was typed to change the booking, and why it was not taken. Its
/// `phone` is the new one, the field `new-phone`.
std::string lookup_found_page(const View& view, const FoundBooking& booking, const DayOffer& offer,
                              Notice notice, const RequestForm& change = {},
                              const std::vector<FieldFault>& faults = {});
/// A page of a heading and a sentence, for errors.
std::string message_page(const View& view, std::string_view heading, std::string_view text);

}  // namespace booking::web
