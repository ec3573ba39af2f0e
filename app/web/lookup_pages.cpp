#include "app/web/embedded.hpp"
#include "app/web/page_parts.hpp"

#include <algorithm>

namespace booking::web {
namespace {

using Faults = std::vector<FieldFault>;

bool can(const FoundBooking& booking, std::string_view move) {
  return std::ranges::find(booking.moves, move) != booking.moves.end();
}

/// Who is asking and for which version: every form of the page brings it along.
Html proof_of_guest(const FoundBooking& booking, std::string_view form) {
  Html out;
  out += hidden("number", booking.number);
  out += hidden("phone", booking.phone);
  if (!booking.proof.empty()) out += hidden("proof", booking.proof);
  out += hidden("version", booking.version);
  out += hidden("key", std::string{booking.key}.append(form));
  return out;
}

Html fact(std::string_view word, std::string_view value) {
  if (value.empty()) return {};
  return fill("<div><dt>{{word}}</dt><dd class=\"lines\">{{value}}</dd></div>\n",
              {{"word", word}, {"value", value}});
}

Html answer_form(const View& view, const FoundBooking& booking, std::string_view move,
                 std::string_view style) {
  if (!can(booking, move)) return {};
  return fill(
      "<form method=\"post\" action=\"/manage/{{move}}\" accept-charset=\"utf-8\">\n"
      "{{hidden}}<button type=\"submit\"{{style}}>{{word}}</button>\n</form>\n",
      {{"move", move},
       {"hidden", proof_of_guest(booking, move)},
       {"style", Html::raw(style)},
       {"word", text(view.language, move)}});
}

Html estimate_card(const View& view, const FoundBooking& booking) {
  if (booking.items.empty()) return {};
  const auto won = std::string{" "}.append(text(view.language, "won"));
  Html items;
  for (const auto& item : booking.items)
    items += fill("<tr><th scope=\"row\">{{text}}</th><td>{{amount}}</td></tr>\n",
                  {{"text", item.text}, {"amount", item.amount + won}});
  Html answer = answer_form(view, booking, "accept", "");
  answer += answer_form(view, booking, "decline", " class=\"second\"");
  if (!answer.markup().empty())
    answer = fill("<div class=\"actions\">\n{{answer}}</div>\n", {{"answer", std::move(answer)}});
  auto note = booking.note.empty()
                  ? Html{}
                  : fill("<p class=\"lines\">{{note}}</p>\n", {{"note", booking.note}});
  return fill_in(view, k_estimate_html,
                 {{"items", std::move(items)},
                  {"total", booking.total + won},
                  {"note", std::move(note)},
                  {"valid_until", booking.valid_until},
                  {"answer", std::move(answer)}});
}

Html story(const View& view, const FoundBooking& booking) {
  Html events;
  for (const auto& event : booking.events) {
    auto detail = event.detail.empty() ? Html{} : fill(" · {{detail}}", {{"detail", event.detail}});
    events += fill("<li><strong>{{move}}</strong><span>{{when}}{{detail}}</span></li>\n",
                   {{"move", text(view.language, "move_" + event.move)},
                    {"when", event.when},
                    {"detail", std::move(detail)}});
  }
  return events;
}

Html change_words(const View& view, const RequestForm& change, const Faults& faults) {
  return fill_in(view, k_change_words_html,
                 {{"description_state", field_state(faults, "description", false)},
                  {"description", change.description},
                  {"description_fault", fault_line(faults, "description")},
                  {"address_state", field_state(faults, "address", false)},
                  {"address", change.address},
                  {"address_fault", fault_line(faults, "address")},
                  {"detail_state", field_state(faults, "address_detail", false)},
                  {"detail", change.address_detail},
                  {"detail_fault", fault_line(faults, "address_detail")},
                  {"name_state", field_state(faults, "name", false)},
                  {"name", change.name},
                  {"name_fault", fault_line(faults, "name")},
                  {"phone_state", field_state(faults, "new-phone", true)},
                  {"phone", change.phone},
                  {"phone_fault", fault_line(faults, "new-phone")}});
}

Html change_card(const View& view, const FoundBooking& booking, const DayOffer& offer,
                 const RequestForm& change, const Faults& faults) {
  if (!can(booking, "change")) return {};
  return fill_in(view, k_change_html,
                 {{"open", faults.empty() ? Html{} : Html::raw(" open")},
                  {"hidden", proof_of_guest(booking, "change")},
                  {"words", booking.words_can_change ? change_words(view, change, faults) : Html{}},
                  {"preferred", preferred_fields(view, change.preferred, offer, faults)}});
}

Html cancel_card(const View& view, const FoundBooking& booking) {
  if (!can(booking, "cancel")) return {};
  return fill_in(view, k_cancel_html, {{"hidden", proof_of_guest(booking, "cancel")}});
}

bool is_over(const FoundBooking& booking) {
  return booking.status == "done" || booking.status == "rejected" || booking.status == "cancelled";
}

Html photo_card(const View& view, const FoundBooking& booking) {
  if (is_over(booking)) return gallery(view, booking.photos);
  return fill_in(
      view, k_photos_html,
      {{"shown", gallery(view, booking.photos)}, {"hidden", proof_of_guest(booking, "photos")}});
}

Html proof_attributes(const View& view, const ProofWanted& proof) {
  if (proof.challenge.empty()) return {};
  return fill_in(view,
                 " data-challenge=\"{{challenge}}\" data-bits=\"{{bits}}\" "
                 "data-working=\"{{=proof_working}}\"",
                 {{"challenge", proof.challenge}, {"bits", std::to_string(proof.bits)}});
}

}  // namespace

std::string lookup_page(const View& view, const LookupForm& form, const Faults& faults,
                        Notice notice, const ProofWanted& proof) {
  auto box = notice_box(view, notice, faults);
  if (proof.seconds > 0)
    box = fill_in(view,
                  "<div class=\"notice\" role=\"alert\"><p>{{=proof_wait}} {{seconds}} "
                  "{{=proof_seconds}}</p></div>\n",
                  {{"seconds", std::to_string(proof.seconds)}});
  return page(view, text(view.language, "lookup"), Place::Lookup,
              fill_in(view, k_lookup_html,
                      {{"notice", std::move(box)},
                       {"proof", proof_attributes(view, proof)},
                       {"number", form.number},
                       {"number_state", field_state(faults, "number", false)},
                       {"number_fault", fault_line(faults, "number")},
                       {"phone", form.phone},
                       {"phone_state", field_state(faults, "phone", true)},
                       {"phone_fault", fault_line(faults, "phone")},
                       {"name", form.name},
                       {"name_state", field_state(faults, "name", false)},
                       {"name_fault", fault_line(faults, "name")},
                       {"name_phone", form.name_phone},
                       {"name_phone_state", field_state(faults, "name-phone", false)},
                       {"name_phone_fault", fault_line(faults, "name-phone")}}));
}

std::string listed_page(const View& view, const std::vector<ListedBooking>& bookings) {
  Html rows;
  for (const auto& booking : bookings)
    rows += fill(
        "<div><dt class=\"code\">{{number}}</dt><dd>{{service}} · {{status}} · "
        "{{created}}</dd></div>\n",
        {{"number", booking.number},
         {"service", service_word(view, booking.service)},
         {"status", text(view.language, "status_" + booking.status)},
         {"created", booking.created}});
  rows = bookings.empty()
             ? fill_in(view, "<p>{{=listed_none}}</p>\n", {})
             : fill("<dl class=\"facts\">\n{{rows}}</dl>\n", {{"rows", std::move(rows)}});
  return page(view, text(view.language, "listed"), Place::Lookup,
              fill_in(view, k_listed_html, {{"rows", std::move(rows)}}));
}

std::string lookup_found_page(const View& view, const FoundBooking& booking, const DayOffer& offer,
                              Notice notice, const RequestForm& change, const Faults& faults) {
  Html facts;
  facts += fact(text(view.language, "visit"), booking.visit);
  facts += fact(text(view.language, "preferred"), booking.preferred);
  facts += fact(text(view.language, "reason"), booking.reason);
  return page(view, text(view.language, "found"), Place::Lookup,
              fill_in(view, k_lookup_found_html,
                      {{"notice", notice_box(view, notice, faults)},
                       {"status", booking.status},
                       {"status_word", text(view.language, "status_" + booking.status)},
                       {"status_text", text(view.language, "status_text_" + booking.status)},
                       {"number", booking.number},
                       {"service", service_word(view, booking.service)},
                       {"created", booking.created},
                       {"facts", std::move(facts)},
                       {"estimate", estimate_card(view, booking)},
                       {"events", story(view, booking)},
                       {"photos", photo_card(view, booking)},
                       {"change", change_card(view, booking, offer, change, faults)},
                       {"cancel", cancel_card(view, booking)}}));
}

}  // namespace booking::web
