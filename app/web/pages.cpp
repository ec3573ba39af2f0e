#include "app/web/pages.hpp"

#include "app/web/assets.hpp"
#include "app/web/embedded.hpp"
#include "app/web/html.hpp"
#include "app/web/words.hpp"

#include <algorithm>

namespace booking::web {
namespace {

using Faults = std::vector<FieldFault>;

/// Which entry of the menu is the page at hand.
enum class Place { Elsewhere, Request, Lookup };

Html emergency_banner(const WebOptions& options) {
  if (options.emergency_phone.empty()) return {};
  return fill(
      "<aside class=\"emergency\" aria-label=\"긴급 전화\"><div>"
      "<p><strong>물이 새고 있나요?</strong> 계량기 옆 밸브를 먼저 잠그고 전화해 주세요.</p>"
      "<a href=\"tel:{{phone}}\">긴급 {{phone}}</a></div></aside>\n",
      {{"phone", options.emergency_phone}});
}

std::string page(const WebOptions& options, std::string_view title, Place place, Html content) {
  const auto current = [&](Place entry) {
    return entry == place ? Html::raw(" aria-current=\"page\"") : Html{};
  };
  return fill(k_layout_html, {{"title", title},
                              {"business", options.business_name},
                              {"robots", place == Place::Request ? "index" : "noindex"},
                              {"style", style_path()},
                              {"icon", icon_path()},
                              {"on_request", current(Place::Request)},
                              {"on_lookup", current(Place::Lookup)},
                              {"emergency", emergency_banner(options)},
                              {"content", std::move(content)}})
      .markup();
}

const FieldFault* fault_of(const Faults& faults, std::string_view field) {
  const auto found = std::ranges::find(faults, field, &FieldFault::field);
  return found == faults.end() ? nullptr : &*found;
}

/// The sentence under a field, or nothing.
Html fault_line(const Faults& faults, std::string_view field) {
  const auto* fault = fault_of(faults, field);
  if (fault == nullptr) return {};
  return fill("<p class=\"fault\" id=\"{{field}}-fault\">{{text}}</p>\n",
              {{"field", field}, {"text", fault->text}});
}

/// Attributes that tie a field to its hint and to its fault for those who do not see them.
Html field_state(const Faults& faults, std::string_view field, bool has_hint) {
  const auto* fault = fault_of(faults, field);
  std::string described;
  if (has_hint) described.append(field).append("-hint");
  if (fault != nullptr) described.append(has_hint ? " " : "").append(field).append("-fault");
  Html state;
  if (fault != nullptr) state += Html::raw(" aria-invalid=\"true\"");
  if (!described.empty()) state += fill(" aria-describedby=\"{{ids}}\"", {{"ids", described}});
  return state;
}

Html notice_box(Notice notice, const Faults& faults) {
  std::string_view text;
  switch (notice) {
    case Notice::None:
      return {};
    case Notice::Faults:
      text = "아직 보내지 않았습니다. 아래 항목을 확인해 주세요.";
      break;
    case Notice::SentBefore:
      text =
          "이 신청서는 이미 한 번 접수되었습니다. 바꾼 내용으로 새로 신청하시려면 다시 한 번 "
          "보내 주세요.";
      break;
    case Notice::NotFound:
      text = "일치하는 신청을 찾지 못했습니다. 신청 번호와 휴대전화 번호를 확인해 주세요.";
      break;
  }
  Html links;
  for (const auto& fault : faults)
    links += fill("<li><a href=\"#{{field}}\">{{word}}</a></li>",
                  {{"field", fault.field}, {"word", field_word(fault.field)}});
  if (!faults.empty()) links = fill("<ul>{{links}}</ul>", {{"links", std::move(links)}});
  return fill("<div class=\"notice\" role=\"alert\"><p>{{text}}</p>{{links}}</div>\n",
              {{"text", text}, {"links", std::move(links)}});
}

Html service_choices(const RequestForm& form) {
  Html choices;
  for (const auto& service : kServices)
    choices += fill(
        "<label><input type=\"radio\" name=\"service\"{{id}} value=\"{{code}}\" "
        "required{{checked}}>{{text}}</label>\n",
        {{"id", service.code == kServices.front().code ? Html::raw(" id=\"service\"") : Html{}},
         {"code", service.code},
         {"checked", service.code == form.service ? Html::raw(" checked") : Html{}},
         {"text", service.text}});
  return choices;
}

Html preferred_row(const RequestForm::Preferred& row, std::size_t index, const Faults& faults) {
  const auto order = std::to_string(index);
  Html windows;
  for (const auto& window : kWindows)
    windows += fill("<option value=\"{{code}}\"{{selected}}>{{text}}</option>",
                    {{"code", window.code},
                     {"selected", window.code == row.window ? Html::raw(" selected") : Html{}},
                     {"text", window.text}});
  return fill(
      "<div class=\"day\">"
      "<label class=\"unseen\" for=\"date-{{order}}\">희망 방문일 {{nth}}</label>"
      "<input id=\"date-{{order}}\" name=\"date-{{order}}\" type=\"date\" "
      "value=\"{{date}}\"{{state}}>"
      "<label class=\"unseen\" for=\"window-{{order}}\">희망 시간대 {{nth}}</label>"
      "<select id=\"window-{{order}}\" name=\"window-{{order}}\">{{windows}}</select>\n"
      "{{fault}}</div>\n",
      {{"order", order},
       {"nth", std::to_string(index + 1)},
       {"date", row.date},
       {"state", field_state(faults, "date-" + order, false)},
       {"windows", std::move(windows)},
       {"fault", fault_line(faults, "date-" + order)}});
}

}  // namespace

std::string request_page(const WebOptions& options, const RequestForm& form, const Faults& faults,
                         Notice notice) {
  Html preferred;
  for (std::size_t i = 0; i < form.preferred.size(); ++i)
    preferred += preferred_row(form.preferred[i], i, faults);
  return page(options, "방문 견적 신청", Place::Request,
              fill(k_request_html, {{"notice", notice_box(notice, faults)},
                                    {"key", form.key},
                                    {"service_state", field_state(faults, "service", false)},
                                    {"services", service_choices(form)},
                                    {"service_fault", fault_line(faults, "service")},
                                    {"description_state", field_state(faults, "description", true)},
                                    {"description", form.description},
                                    {"description_fault", fault_line(faults, "description")},
                                    {"address_state", field_state(faults, "address", true)},
                                    {"address", form.address},
                                    {"address_fault", fault_line(faults, "address")},
                                    {"preferred", std::move(preferred)},
                                    {"name_state", field_state(faults, "name", false)},
                                    {"name", form.name},
                                    {"name_fault", fault_line(faults, "name")},
                                    {"phone_state", field_state(faults, "phone", true)},
                                    {"phone", form.phone},
                                    {"phone_fault", fault_line(faults, "phone")}}));
}

std::string request_done_page(const WebOptions& options, std::string_view number) {
  return page(options, "신청 완료", Place::Elsewhere,
              fill(k_request_done_html, {{"number", number}}));
}

std::string lookup_page(const WebOptions& options, const LookupForm& form, const Faults& faults,
                        Notice notice) {
  return page(options, "신청 확인", Place::Lookup,
              fill(k_lookup_html, {{"notice", notice_box(notice, faults)},
                                   {"number", form.number},
                                   {"number_state", field_state(faults, "number", false)},
                                   {"number_fault", fault_line(faults, "number")},
                                   {"phone", form.phone},
                                   {"phone_state", field_state(faults, "phone", true)},
                                   {"phone_fault", fault_line(faults, "phone")}}));
}

std::string lookup_found_page(const WebOptions& options, const FoundBooking& booking) {
  Html visit;
  if (!booking.visit.empty())
    visit = fill("<div><dt>방문</dt><dd>{{visit}}</dd></div>\n", {{"visit", booking.visit}});
  return page(options, "신청 내용", Place::Lookup,
              fill(k_lookup_found_html, {{"status", booking.status},
                                         {"status_word", status_word(booking.status)},
                                         {"status_text", status_text(booking.status)},
                                         {"number", booking.number},
                                         {"service", service_word(booking.service)},
                                         {"created", booking.created},
                                         {"visit", std::move(visit)}}));
}

std::string message_page(const WebOptions& options, std::string_view heading,
                         std::string_view text) {
  return page(options, heading, Place::Elsewhere,
              fill(k_message_html, {{"heading", heading}, {"text", text}}));
}

}  // namespace booking::web
