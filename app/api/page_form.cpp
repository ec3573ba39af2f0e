#include "app/api/page_form.hpp"

#include <array>
#include <fmt/format.h>

namespace booking::api {
namespace {

constexpr std::string_view kPreferred = "/preferred/";

/// The form asks with one field for a part of the day or a time.
core::BookingDraft::Window window_of(std::string date, std::string when) {
  if (when.find(':') == std::string::npos) return {std::move(date), std::move(when)};
  return {std::move(date), {}, std::move(when)};
}

std::vector<core::BookingDraft::Window> windows_of(const web::FormData& data) {
  std::vector<core::BookingDraft::Window> windows;
  for (std::size_t i = 0; i < web::kPreferredRows; ++i) {
    const auto date = data.value("date-" + std::to_string(i));
    if (!date.empty())
      windows.push_back(
          window_of(std::string{date}, std::string{data.value("window-" + std::to_string(i))}));
  }
  return windows;
}

}  // namespace

web::Language language_of(const Request& request) {
  return web::parse_language(request.cookie("lang")).value_or(web::Language::Korean);
}

web::RequestForm form_of(const web::FormData& data) {
  web::RequestForm form{.key = std::string{data.value("key")},
                        .service = std::string{data.value("service")},
                        .description = std::string{data.value("description")},
                        .address = std::string{data.value("address")},
                        .address_detail = std::string{data.value("address_detail")},
                        .name = std::string{data.value("name")},
                        .phone = std::string{data.value("phone")},
                        .keep_photos = data.value("keep_photos") == "yes",
                        .marketing = data.value("marketing") == "yes",
                        .urgent = data.value("urgent") == "yes"};
  for (std::size_t i = 0; i < form.preferred.size(); ++i) {
    form.preferred[i].date = data.value("date-" + std::to_string(i));
    form.preferred[i].window = data.value("window-" + std::to_string(i));
  }
  return form;
}

core::BookingDraft draft_of(const web::RequestForm& form, std::vector<std::size_t>& rows) {
  core::BookingDraft draft{.service = form.service,
                           .description = form.description,
                           .address = form.address,
                           .address_detail = form.address_detail,
                           .name = form.name,
                           .phone = form.phone,
                           .preferred = {},
                           .keep_photos = form.keep_photos,
                           .marketing = form.marketing,
                           .urgent = form.urgent};
  for (std::size_t i = 0; i < form.preferred.size(); ++i) {
    if (form.preferred[i].date.empty()) continue;
    draft.preferred.push_back(window_of(form.preferred[i].date, form.preferred[i].window));
    rows.push_back(i);
  }
  return draft;
}

core::AmendmentDraft amendment_of(const web::FormData& data) {
  core::AmendmentDraft draft;
  // In this form an empty field means: as it is.
  if (const auto text = data.value("description"); !text.empty()) draft.description = text;
  if (const auto text = data.value("address"); !text.empty()) draft.address = text;
  if (const auto text = data.value("address_detail"); !text.empty()) draft.address_detail = text;
  if (auto windows = windows_of(data); !windows.empty()) draft.preferred = std::move(windows);
  if (const auto text = data.value("name"); !text.empty()) draft.name = text;
  if (const auto text = data.value("new-phone"); !text.empty()) draft.new_phone = text;
  return draft;
}

std::vector<web::FieldFault> faults_of(const std::vector<core::FieldError>& errors,
                                       const std::vector<std::size_t>& rows,
                                       web::Language language) {
  std::vector<web::FieldFault> faults;
  for (const auto& error : errors) {
    std::string field = error.pointer.substr(error.pointer.empty() ? 0 : 1);
    if (error.pointer.starts_with(kPreferred) && error.pointer.size() > kPreferred.size()) {
      const auto index = static_cast<std::size_t>(error.pointer[kPreferred.size()] - '0');
      field = "date-" + std::to_string(index < rows.size() ? rows[index] : 0);
    }
    faults.push_back(
        {std::move(field), language == web::Language::English ? error.english : error.korean});
  }
  return faults;
}

std::string in_words(common::WallTime time, web::Language language) {
  constexpr std::array<std::string_view, 7> kDays{"일", "월", "화", "수", "목", "금", "토"};
  constexpr std::array<std::string_view, 7> kEnglishDays{"Sun", "Mon", "Tue", "Wed",
                                                         "Thu", "Fri", "Sat"};
  constexpr std::array<std::string_view, 12> kMonths{
      "January", "February", "March",     "April",   "May",      "June",
      "July",    "August",   "September", "October", "November", "December"};
  const auto date = core::seoul_date(time);
  const auto weekday = std::chrono::weekday{std::chrono::sys_days{date}}.c_encoding();
  const auto minutes = std::chrono::floor<std::chrono::minutes>(time + core::kSeoulOffset);
  const std::chrono::hh_mm_ss clock{minutes - std::chrono::floor<std::chrono::days>(minutes)};
  const auto month = static_cast<unsigned>(date.month());
  const auto year = static_cast<int>(date.year());
  const auto day = static_cast<unsigned>(date.day());
  if (language == web::Language::English)
    return fmt::format("{} {} {} {}, {:02}:{:02}", kEnglishDays.at(weekday), day,
                       kMonths.at(month - 1), year, clock.hours().count(), clock.minutes().count());
  return fmt::format("{}년 {}월 {}일 ({}) {:02}:{:02}", year, month, day, kDays.at(weekday),
                     clock.hours().count(), clock.minutes().count());
}

std::string in_figures(std::int64_t amount) {
  auto digits = std::to_string(amount < 0 ? -amount : amount);
  for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3)
    digits.insert(static_cast<std::size_t>(at), ",");
  return amount < 0 ? "-" + digits : digits;
}

std::string masked(const core::BookingNumber& number) {
  const auto grouped = number.grouped();
  return grouped.substr(0, 3) + "-•••-••" + grouped.back();
}

}  // namespace booking::api
