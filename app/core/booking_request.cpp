#include "app/core/booking_request.hpp"

#include "app/core/offered_windows.hpp"
#include "app/core/text.hpp"

#include <utility>

namespace booking::core {
namespace {

/// Collects what is wrong, so that one answer names it all.
class Checker {
 public:
  Checker(const BookingDraft& draft, common::WallTime now, const CalendarRules& calendar)
      : draft_{draft}, now_{now}, today_{seoul_date(now)}, calendar_{calendar} {}

  CheckedRequest run() {
    auto service = parse_service(draft_.service);
    if (!service)
      refuse("/service", draft_.service.empty() ? "required" : "invalid",
             "서비스 종류를 골라 주세요.", "Choose leak, clog, freeze, replace or other.");
    auto description = text("/description", draft_.description, kMaxDescription, Lines::Many,
                            "어떤 문제인지 적어 주세요.", "Describe what is wrong.");
    auto address = text("/address", draft_.address, kMaxAddress, Lines::One,
                        "방문할 주소를 적어 주세요.", "Give the address to visit.");
    auto detail = text("/address_detail", draft_.address_detail, kMaxAddressDetail, Lines::One);
    auto name =
        text("/name", draft_.name, kMaxName, Lines::One, "이름을 적어 주세요.", "Give a name.");
    auto phone = telephone();
    auto preferred = windows();
    if (!errors_.empty()) return {std::nullopt, std::move(errors_)};
    return {BookingRequest{*service, std::move(description), std::move(address), std::move(detail),
                           std::move(name), std::move(*phone), std::move(preferred),
                           draft_.keep_photos, draft_.marketing, draft_.urgent},
            {}};
  }

 private:
  void refuse(std::string pointer, std::string code, std::string korean, std::string english) {
    errors_.push_back({std::move(pointer), std::move(code), std::move(korean), std::move(english)});
  }

  /// Without words for who leaves it out it may be empty.
  std::string text(const char* pointer, const std::string& given, std::size_t longest, Lines lines,
                   const char* korean = nullptr, const char* english = nullptr) {
    const auto straight = without_turns(given);
    const auto value = trimmed(straight);
    const auto length = length_of_text(value, lines);
    if (!length) {
      refuse(pointer, "invalid", "쓸 수 없는 글자가 들어 있습니다.",
             "Contains characters that cannot be stored.");
    } else if (*length == 0) {
      if (korean != nullptr) refuse(pointer, "required", korean, english);
      return {};
    } else if (*length > longest) {
      refuse(pointer, "too_long", std::to_string(longest) + "자까지 쓸 수 있습니다.",
             "At most " + std::to_string(longest) + " characters.");
    }
    return std::string{value};
  }

  std::optional<Phone> telephone() {
    auto phone = Phone::parse(draft_.phone);
    if (!phone && trimmed(draft_.phone).empty())
      refuse("/phone", "required", "전화번호를 적어 주세요.", "Give a telephone number.");
    else if (!phone)
      refuse("/phone", "invalid", "전화번호를 010-1234-5678처럼 적어 주세요.",
             "Give a Korean telephone number, such as 010-1234-5678.");
    return phone;
  }

  std::vector<PreferredWindow> windows() {
    std::vector<PreferredWindow> checked;
    if (draft_.preferred.size() > kMaxPreferred) {
      refuse("/preferred", "too_many", "희망 시간은 3개까지 고를 수 있습니다.",
             "At most three preferred times.");
      return checked;
    }
    for (std::size_t i = 0; i < draft_.preferred.size(); ++i) {
      const auto& window = draft_.preferred[i];
      const auto pointer = "/preferred/" + std::to_string(i);
      const auto date = day(pointer + "/date", window.date);
      const auto wanted = when(pointer, window);
      if (!date || !wanted) continue;
      checked.push_back({*date, wanted->part, wanted->start});
      if (const auto misfit = misfit_of(calendar_, checked.back(), now_ - kWindowGrace))
        refuse_window(pointer, checked.back(), *misfit);
    }
    return checked;
  }

  /// What of a day is wished for: a part of it, or a time with the half it lies in.
  std::optional<PreferredWindow> when(const std::string& pointer,
                                      const BookingDraft::Window& given) {
    const auto part = given.part.empty() ? DayPart::Any : parse_day_part(given.part);
    if (!part) {
      refuse(pointer + "/window", "invalid", "오전, 오후, 상관없음 가운데 고르세요.",
             "Choose morning, afternoon or any.");
      return std::nullopt;
    }
    if (given.time.empty()) return PreferredWindow{Date{}, *part};
    const auto start = parse_clock(given.time);
    if (!start || *start % kGranule != std::chrono::minutes{0} || *start >= std::chrono::days{1}) {
      refuse(pointer + "/time", "invalid", "시각을 14:00이나 14:30처럼 30분 단위로 적어 주세요.",
             "Give a time such as 14:00, on the hour or half past.");
      return std::nullopt;
    }
    const auto half = half_of(*start);
    if (*part != DayPart::Any && *part != half) {
      refuse(pointer + "/window", "invalid", "적으신 시각이 그 시간대에 있지 않습니다.",
             "The time does not lie in this part of the day.");
      return std::nullopt;
    }
    return PreferredWindow{Date{}, half, start};
  }

  void refuse_window(const std::string& pointer, const PreferredWindow& window, Misfit misfit) {
    const auto on = [&](const char* member, const char* korean, const char* english) {
      refuse(pointer + member, std::string{to_string(misfit)}, korean, english);
    };
    switch (misfit) {
      case Misfit::TooSoon:
        if (window.start)
          return on("/time", "그 시각은 너무 가깝습니다. 더 뒤의 시각을 골라 주세요.",
                    "This is too soon. Choose a later time.");
        return on("/window", "그 시간대는 너무 가깝습니다. 더 뒤의 시간을 골라 주세요.",
                  "This is too soon. Choose a later time.");
      case Misfit::TooFar:
        return on("/date", "아직 예약을 받지 않는 날짜입니다. 더 가까운 날을 골라 주세요.",
                  "This is too far ahead. Choose a nearer day.");
      case Misfit::Holiday:
        return on("/date", "공휴일에는 쉽니다. 다른 날을 골라 주세요.",
                  "We rest on public holidays. Choose another day.");
      case Misfit::OutsideHours:
        if (window.start)
          return on("/time", "그날 그 시각에는 방문하지 않습니다. 다른 시각을 골라 주세요.",
                    "We do not come at that time of the day. Choose another one.");
        return on("/window", "그날 그 시간대에는 방문하지 않습니다. 다른 시간대를 골라 주세요.",
                  "We do not come in that part of the day. Choose the other one.");
      case Misfit::Lunch:  // no reason to refuse half a day
        return on("/time", "그 시각은 점심시간입니다. 다른 시각을 골라 주세요.",
                  "We rest for lunch at that time. Choose another one.");
      case Misfit::Closed:
      case Misfit::Taken:  // is no reason at all
        break;
    }
    on("/date", "그날은 쉽니다. 다른 날을 골라 주세요.",
       "We rest on that day. Choose another one.");
  }

  std::optional<Date> day(std::string pointer, const std::string& text) {
    const auto date = parse_date(text);
    if (!date) {
      refuse(std::move(pointer), text.empty() ? "required" : "invalid",
             "날짜를 2026-12-01처럼 적어 주세요.", "Give a date such as 2026-12-01.");
      return std::nullopt;
    }
    const auto distance = std::chrono::sys_days{*date} - std::chrono::sys_days{today_};
    if (distance < std::chrono::days{0}) {
      refuse(std::move(pointer), "past", "지난 날짜입니다.", "This day is over.");
      return std::nullopt;
    }
    if (distance > kBookingHorizon) {
      refuse(std::move(pointer), "too_far", "180일 안의 날짜를 골라 주세요.",
             "Choose a day within 180 days.");
      return std::nullopt;
    }
    return date;
  }

  const BookingDraft& draft_;
  common::WallTime now_;
  Date today_;
  const CalendarRules& calendar_;
  std::vector<FieldError> errors_;
};

/// With its length in front, so that no two different requests read the same.
void append(std::string& out, std::string_view field) {
  out += std::to_string(field.size()) + ':';
  out += field;
  out += '\n';
}

}  // namespace

CheckedRequest validate(const BookingDraft& draft, common::WallTime now,
                        const CalendarRules& calendar) {
  return Checker{draft, now, calendar}.run();
}

std::string canonical_text(const BookingRequest& request) {
  std::string text;
  append(text, to_string(request.service));
  append(text, request.description);
  append(text, request.address);
  // Not even empty when there is none: keys of the release before keep their meaning.
  if (!request.address_detail.empty()) append(text, "detail " + request.address_detail);
  append(text, request.name);
  append(text, request.phone.e164());
  for (const auto& window : request.preferred) {
    append(text, format_date(window.date));
    append(text, to_string(window.part));
    if (window.start) append(text, format_clock(*window.start));
  }
  if (request.keep_photos) append(text, "keep_photos");
  if (request.marketing) append(text, "marketing");
  if (request.urgent) append(text, "urgent");
  return text;
}

}  // namespace booking::core
