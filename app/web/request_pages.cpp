#include "app/web/embedded.hpp"
#include "app/web/page_parts.hpp"

namespace booking::web {
namespace {

using Faults = std::vector<FieldFault>;

constexpr std::array<std::string_view, 5> kServices{"leak", "clog", "freeze", "replace", "other"};

Html checked(bool is) { return is ? Html::raw(" checked") : Html{}; }

Html service_choices(const View& view, const RequestForm& form) {
  Html choices;
  for (const auto service : kServices)
    choices += fill(
        "<label><input type=\"radio\" name=\"service\"{{id}} value=\"{{code}}\" "
        "required{{checked}}>{{text}}</label>\n",
        {{"id", service == kServices.front() ? Html::raw(" id=\"service\"") : Html{}},
         {"code", service},
         {"checked", checked(service == form.service)},
         {"text", service_word(view, service)}});
  return choices;
}

/// The preferred times in one line of words.
std::string wishes(const View& view, const RequestForm& form) {
  std::string words;
  for (const auto& row : form.preferred) {
    if (row.date.empty()) continue;
    words += words.empty() ? "" : ", ";
    words += row.date + ' ' + window_word(view, row.window.empty() ? "any" : row.window);
  }
  return words.empty() ? std::string{text(view.language, "none")} : words;
}

std::string consents(const View& view, const RequestForm& form) {
  std::string words;
  if (form.keep_photos) words += text(view.language, "consent_photos");
  if (form.keep_photos && form.marketing) words += ' ';
  if (form.marketing) words += text(view.language, "consent_marketing");
  return words.empty() ? std::string{text(view.language, "none")} : words;
}

/// All of the form, for the page that only shows it.
Html hidden_form(const RequestForm& form) {
  Html out;
  out += hidden("key", form.key);
  out += hidden("service", form.service);
  out += hidden("description", form.description);
  out += hidden("address", form.address);
  out += hidden("address_detail", form.address_detail);
  for (std::size_t i = 0; i < form.preferred.size(); ++i) {
    out += hidden("date-" + std::to_string(i), form.preferred[i].date);
    out += hidden("window-" + std::to_string(i), form.preferred[i].window);
  }
  out += hidden("name", form.name);
  out += hidden("phone", form.phone);
  if (form.keep_photos) out += hidden("keep_photos", "yes");
  if (form.marketing) out += hidden("marketing", "yes");
  if (form.urgent) out += hidden("urgent", "yes");
  return out;
}

}  // namespace

std::string request_page(const View& view, const RequestForm& form, const Faults& faults,
                         Notice notice, const DayOffer& offer) {
  auto photos = gallery(view, form.photos);
  if (!form.photos.empty())
    photos = fill_in(view, "<p class=\"hint\">{{=photos_kept}}</p>\n{{photos}}",
                     {{"photos", std::move(photos)}});
  return page(view, text(view.language, "nav_request"), Place::Request,
              fill_in(view, k_request_html,
                      {{"notice", notice_box(view, notice, faults)},
                       {"key", form.key},
                       {"service_state", field_state(faults, "service", false)},
                       {"services", service_choices(view, form)},
                       {"service_fault", fault_line(faults, "service")},
                       {"description_state", field_state(faults, "description", true)},
                       {"description", form.description},
                       {"description_fault", fault_line(faults, "description")},
                       {"photos_state", field_state(faults, "photos", true)},
                       {"photos_fault", fault_line(faults, "photos")},
                       {"photos", std::move(photos)},
                       {"address_state", field_state(faults, "address", true)},
                       {"address", form.address},
                       {"address_fault", fault_line(faults, "address")},
                       {"detail_state", field_state(faults, "address_detail", true)},
                       {"detail", form.address_detail},
                       {"detail_fault", fault_line(faults, "address_detail")},
                       {"preferred", preferred_fields(view, form.preferred, offer, faults)},
                       {"name_state", field_state(faults, "name", false)},
                       {"name", form.name},
                       {"name_fault", fault_line(faults, "name")},
                       {"phone_state", field_state(faults, "phone", true)},
                       {"phone", form.phone},
                       {"phone_fault", fault_line(faults, "phone")},
                       {"keep_photos", checked(form.keep_photos)},
                       {"marketing", checked(form.marketing)},
                       {"urgent", checked(form.urgent)}}));
}

std::string review_page(const View& view, const RequestForm& form) {
  return page(view, text(view.language, "review"), Place::Request,
              fill_in(view, k_review_html,
                      {{"hidden", hidden_form(form)},
                       {"service", service_word(view, form.service)},
                       {"urgency", text(view.language, form.urgent ? "urgent" : "not_urgent")},
                       {"description", form.description},
                       {"address", form.address},
                       {"detail", form.address_detail},
                       {"preferred", wishes(view, form)},
                       {"name", form.name},
                       {"phone", form.phone},
                       {"consents", consents(view, form)},
                       {"photos", gallery(view, form.photos)}}));
}

std::string request_done_page(const View& view, std::string_view number, std::string_view qr) {
  return page(view, text(view.language, "done"), Place::Elsewhere,
              fill_in(view, k_request_done_html, {{"number", number}, {"qr", Html::raw(qr)}}));
}

std::string message_page(const View& view, std::string_view heading, std::string_view sentence) {
  return page(view, heading, Place::Elsewhere,
              fill_in(view, k_message_html, {{"heading", heading}, {"text", sentence}}));
}

}  // namespace booking::web
