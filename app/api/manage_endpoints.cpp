#include "app/api/manage_endpoints.hpp"

#include "app/api/page_form.hpp"
#include "app/api/photo_endpoints.hpp"
#include "app/auth/token.hpp"
#include "common/time.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>

namespace booking::api {
namespace {

namespace asio = boost::asio;

bool is_good(std::string_view key) {
  return key == "moved" || key == "replayed" || key == "photo_saved";
}

std::string_view notice_of(store::MoveRefusal refusal) {
  switch (refusal) {
    case store::MoveRefusal::Stale:
      return "stale";
    case store::MoveRefusal::TooLate:
      return "too_late";
    case store::MoveRefusal::EstimateOver:
      return "estimate_over";
    case store::MoveRefusal::NotFound:
      return "not_found";
    default:
      return "illegal";
  }
}

std::string wishes(const core::BookingRequest& request, const web::View& view) {
  std::string words;
  for (const auto& window : request.preferred) {
    words += words.empty() ? "" : ", ";
    words += core::format_date(window.date) + ' ';
    if (window.start)
      words += core::format_clock(*window.start);
    else
      words +=
          web::text(view.language, std::string{"window_"}.append(core::to_string(window.part)));
  }
  return words;
}

/// A time or a sum of the timeline as people read it.
std::string detail_of(const core::Event& event, const web::View& view) {
  using core::Move;
  if (event.move == Move::Approve || event.move == Move::Schedule ||
      event.move == Move::Reschedule) {
    const auto time = core::parse_rfc3339(event.detail);
    return time ? in_words(*time, view.language) : std::string{};
  }
  if (event.move == Move::Quote || event.move == Move::Accept) {
    std::int64_t amount = 0;
    std::from_chars(event.detail.data(), event.detail.data() + event.detail.size(), amount);
    return in_figures(amount) + ' ' + std::string{web::text(view.language, "won")};
  }
  return event.detail;
}

web::FoundBooking found_of(const GuestView& told, const web::LookupForm& form,
                           const std::string& proof, const web::View& view) {
  const auto& booking = told.booking;
  web::FoundBooking found{.number = booking.number.grouped(),
                          .phone = form.phone,
                          .proof = proof,
                          .key = auth::to_text(auth::random_token()),
                          .version = std::to_string(booking.version),
                          .status = std::string{core::to_string(booking.status)},
                          .service = std::string{core::to_string(booking.request.service)},
                          .created = in_words(booking.created, view.language),
                          .preferred = wishes(booking.request, view),
                          .reason = booking.reason,
                          .words_can_change = booking.status == core::Status::Requested ||
                                              booking.status == core::Status::Quoted};
  if (booking.visit)
    found.visit = fmt::format("{} ({} {}{})", in_words(booking.visit->start, view.language),
                              web::text(view.language, "about"), booking.visit->duration.count(),
                              web::text(view.language, "minutes"));
  if (booking.estimate) {
    for (const auto& item : booking.estimate->items)
      found.items.push_back({item.text, in_figures(item.amount)});
    found.total = in_figures(booking.estimate->total());
    found.note = booking.estimate->note;
    found.valid_until = in_words(booking.estimate->valid_until, view.language);
  }
  for (const auto& event : told.events)
    found.events.push_back({in_words(event.at, view.language),
                            std::string{core::to_string(event.move)}, detail_of(event, view)});
  for (const auto move : told.moves) found.moves.emplace_back(core::to_string(move));
  found.photos = told.photos;
  return found;
}

/// What was typed to change a booking: its `phone` is the new one.
web::RequestForm change_of(const web::FormData& fields) {
  auto form = form_of(fields);
  form.phone = fields.value("new-phone");
  return form;
}

/// What is wrong with a change, by the fields of its form.
std::vector<web::FieldFault> faults_of_change(const std::vector<core::FieldError>& errors,
                                              const web::RequestForm& change,
                                              web::Language language) {
  std::vector<std::size_t> rows;
  for (std::size_t i = 0; i < change.preferred.size(); ++i)
    if (!change.preferred[i].date.empty()) rows.push_back(i);
  auto faults = faults_of(errors, rows, language);
  for (auto& fault : faults)
    if (fault.field == "new_phone") fault.field = "new-phone";
  return faults;
}

bool is_about_days(const std::vector<core::FieldError>& errors) {
  return std::ranges::all_of(errors, [](const core::FieldError& error) {
    return error.pointer.starts_with("/preferred/");
  });
}

GuestClaim claim_of(const Request& request, std::string phone, std::string proof) {
  return {request.client, std::move(phone), std::move(proof)};
}

std::optional<core::Move> move_named(std::string_view name) {
  for (const auto move :
       {core::Move::Accept, core::Move::Decline, core::Move::Cancel, core::Move::Change})
    if (name == core::to_string(move)) return move;
  return std::nullopt;
}

}  // namespace

void ManageEndpoints::add_to(RouteTable& routes) {
  routes.add("GET", "/lookup", [this](const Request& r) { return lookup_form(r); });
  routes.add("POST", "/lookup", [this](const Request& r) { return lookup(r); });
  routes.add("POST", "/lookup/name", [this](const Request& r) { return lookup_by_name(r); });
  routes.add_upload("POST", "/manage/{what}", [this](const Request& r) { return manage(r); });
}

asio::awaitable<Response> ManageEndpoints::lookup_form(const Request& request) {
  // A QR code brings the number along; nothing else is taken from an address.
  web::LookupForm form;
  if (const auto number = core::BookingNumber::parse(request.query_value("number")))
    form.number = number->grouped();
  co_return html_response(200, web::lookup_page(pages_.view_of(request), form, {}, {}, {}));
}

asio::awaitable<Response> ManageEndpoints::lookup(const Request& request) {
  const auto read = pages_.read_form(request);
  if (const auto* refusal = std::get_if<Response>(&read)) co_return *refusal;
  const auto& fields = std::get<web::Multipart>(read).fields;
  const auto view = pages_.view_of(request);
  const web::LookupForm form{.number = std::string{fields.value("number")},
                             .phone = std::string{fields.value("phone")}};
  std::vector<web::FieldFault> faults;
  if (form.number.empty())
    faults.push_back({"number", std::string{web::text(view.language, "number_missing")}});
  if (form.phone.empty())
    faults.push_back({"phone", std::string{web::text(view.language, "phone_missing")}});
  if (!faults.empty())
    co_return html_response(400, web::lookup_page(view, form, faults, {"faults"}, {}));
  std::string proof{fields.value("proof")};
  Said nothing;
  co_return co_await show(request, form, std::move(proof), 200, std::move(nothing));
}

asio::awaitable<Response> ManageEndpoints::lookup_by_name(const Request& request) {
  const auto read = pages_.read_form(request);
  if (const auto* refusal = std::get_if<Response>(&read)) co_return *refusal;
  const auto& fields = std::get<web::Multipart>(read).fields;
  const auto view = pages_.view_of(request);
  const web::LookupForm form{.name = std::string{fields.value("name")},
                             .name_phone = std::string{fields.value("phone")}};
  std::vector<web::FieldFault> faults;
  if (form.name.empty())
    faults.push_back({"name", std::string{web::text(view.language, "name_missing")}});
  if (form.name_phone.empty())
    faults.push_back({"name-phone", std::string{web::text(view.language, "phone_missing")}});
  if (!faults.empty())
    co_return html_response(400, web::lookup_page(view, form, faults, {"faults"}, {}));
  const auto outcome = co_await desk_.look_up_by_name(
      form.name, claim_of(request, form.name_phone, std::string{fields.value("proof")}));
  if (!outcome) co_return pages_.error_page(request, store_problem(outcome.error()));
  if (const auto* found = std::get_if<Locked>(&*outcome))
    co_return co_await locked(request, form, *found);
  std::vector<web::ListedBooking> rows;
  for (const auto& booking : std::get<std::vector<core::Booking>>(*outcome))
    rows.push_back({masked(booking.number), std::string{core::to_string(booking.status)},
                    std::string{core::to_string(booking.request.service)},
                    in_words(booking.created, view.language)});
  co_return html_response(200, web::listed_page(view, rows));
}

asio::awaitable<Response> ManageEndpoints::manage(const Request& request) {
  if (request.parameter != "photos" && !move_named(request.parameter))
    co_return pages_.error_page(request, {404, "no_such_resource", "", {}, {}});
  const auto read = pages_.read_form(request);
  if (const auto* refusal = std::get_if<Response>(&read)) co_return *refusal;
  const auto& data = std::get<web::Multipart>(read);
  auto said = co_await carry_out(request, data);
  if (!said) co_return pages_.error_page(request, store_problem(said.error()));
  web::LookupForm form{.number = std::string{data.fields.value("number")},
                       .phone = std::string{data.fields.value("phone")}};
  const auto key = said->key;
  const bool good = is_good(key);
  // The number that was given is the one to look up with from now on.
  if (const auto phone = data.fields.value("new-phone"); good && !phone.empty()) form.phone = phone;
  const bool at_fault = key == "photo_fault" || key == "reason_fault" || key == "days_fault" ||
                        key == "faults" || key == "change_nothing";
  const unsigned status = good ? 200 : at_fault ? 400 : 409;
  std::string proof{data.fields.value("proof")};
  co_return co_await show(request, std::move(form), std::move(proof), status, std::move(*said));
}

store::Awaitable<ManageEndpoints::Said> ManageEndpoints::carry_out(const Request& request,
                                                                   const web::Multipart& data) {
  if (request.parameter != "photos")
    co_return co_await move(request, data.fields, *move_named(request.parameter));
  const auto kept = co_await add_photos(data);
  if (!kept) co_return kept.error();
  co_return Said{*kept};
}

store::Awaitable<ManageEndpoints::Said> ManageEndpoints::move(const Request& request,
                                                              const web::FormData& fields,
                                                              core::Move what) {
  const auto phone = std::string{fields.value("phone")};
  auto command = desk_.guest_command(what, fields.value("number"), phone, request.client);
  if (!command) co_return Said{"not_found"};
  std::int64_t version = 0;
  const auto text = fields.value("version");
  std::from_chars(text.data(), text.data() + text.size(), version);
  command->version = version;
  const auto key = fields.value("key");
  if (core::is_idempotency_key(key)) command->idempotency_key = key;
  const auto reason = core::checked_reason(fields.value("reason"));
  if (!reason) co_return Said{"reason_fault"};
  command->reason = *reason;
  if (what == core::Move::Change) {
    const auto offer = co_await desk_.offer();
    if (!offer) co_return offer.error();
    auto checked = core::validate(amendment_of(fields), command->now, (*offer)->rules);
    if (!checked.amendment) co_return not_changed(request, fields, checked.errors);
    command->amendment = std::move(checked.amendment);
  }
  auto claim = claim_of(request, phone, std::string{fields.value("proof")});
  const auto outcome = co_await desk_.move(std::move(*command), std::move(claim));
  if (!outcome) co_return outcome.error();
  if (std::holds_alternative<Locked>(*outcome)) co_return Said{"not_found"};
  const auto& moved = std::get<store::MoveOutcome>(*outcome);
  if (const auto* refusal = std::get_if<store::MoveRefusal>(&moved))
    co_return Said{notice_of(*refusal)};
  co_return Said{std::get<store::Moved>(moved).replayed ? "replayed" : "moved"};
}

ManageEndpoints::Said ManageEndpoints::not_changed(
    const Request& request, const web::FormData& fields,
    const std::vector<core::FieldError>& errors) const {
  // Where no field is at fault, none was filled in.
  if (errors.front().pointer.empty()) return {"change_nothing"};
  auto change = change_of(fields);
  auto faults = faults_of_change(errors, change, pages_.view_of(request).language);
  return {is_about_days(errors) ? "days_fault" : "faults", std::move(change), std::move(faults)};
}

store::Awaitable<std::string_view> ManageEndpoints::add_photos(const web::Multipart& data) {
  const auto number = core::BookingNumber::parse(data.fields.value("number"));
  auto phone = core::Phone::parse(data.fields.value("phone"));
  if (!number || !phone) co_return std::string_view{"not_found"};
  auto photos = photos_of(data.files);
  if (!photos || photos->empty()) co_return std::string_view{"photo_fault"};
  store::PhotoUpload upload{.number = number,
                            .phone = std::move(phone),
                            .photos = std::move(*photos),
                            .now = common::wall_now()};
  const auto kept = co_await desk_.add_photos(std::move(upload));
  if (!kept) co_return kept.error();
  const auto* refusal = std::get_if<store::PhotoRefusal>(&*kept);
  if (refusal == nullptr) co_return std::string_view{"photo_saved"};
  co_return *refusal == store::PhotoRefusal::TooMany ? std::string_view{"photo_many"}
                                                     : std::string_view{"not_found"};
}

asio::awaitable<Response> ManageEndpoints::show(const Request& request, web::LookupForm form,
                                                std::string proof, unsigned status, Said said) {
  const auto view = pages_.view_of(request);
  auto claim = claim_of(request, form.phone, proof);
  const auto outcome = co_await desk_.look_up(form.number, std::move(claim));
  if (!outcome) co_return pages_.error_page(request, store_problem(outcome.error()));
  if (const auto* found = std::get_if<Locked>(&*outcome))
    co_return co_await locked(request, std::move(form), *found);
  const auto& told = std::get<std::optional<GuestView>>(*outcome);
  if (!told) co_return html_response(404, web::lookup_page(view, form, {}, {"not_found"}, {}));
  const auto days = co_await pages_.days_for(request);
  const web::Notice notice{said.key, is_good(said.key)};
  co_return html_response(status, web::lookup_found_page(view, found_of(*told, form, proof, view),
                                                         days, notice, said.change, said.faults));
}

asio::awaitable<Response> ManageEndpoints::locked(const Request& request, web::LookupForm form,
                                                  Locked found) {
  const web::ProofWanted proof{found.challenge, found.verdict.bits, found.verdict.wait.count()};
  auto response =
      html_response(429, web::lookup_page(pages_.view_of(request), form, {}, {}, proof));
  response.set("Retry-After", std::to_string(found.verdict.wait.count()));
  co_return response;
}

}  // namespace booking::api
