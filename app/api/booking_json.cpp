#include "app/api/booking_json.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace booking::api {
namespace {

namespace json = boost::json;

json::string text(std::string_view value) { return json::string{value.data(), value.size()}; }
json::string text(common::WallTime time) { return text(core::format_rfc3339(time)); }

json::value preferred_of(const core::Booking& booking) {
  json::array windows;
  for (const auto& window : booking.request.preferred) {
    json::object wish{{"date", text(core::format_date(window.date))},
                      {"window", text(core::to_string(window.part))}};
    if (window.start) wish["time"] = text(core::format_clock(*window.start));
    windows.push_back(std::move(wish));
  }
  return windows;
}

json::object estimate_of(const core::Estimate& estimate) {
  json::array items;
  for (const auto& item : estimate.items)
    items.push_back(json::object{{"text", text(item.text)}, {"amount", item.amount}});
  return {{"items", std::move(items)},
          {"total", estimate.total()},
          {"note", text(estimate.note)},
          {"valid_until", text(estimate.valid_until)}};
}

json::array events_of(const std::vector<core::Event>& events, bool names) {
  json::array out;
  for (const auto& event : events) {
    json::object one{{"at", text(event.at)},
                     {"move", text(core::to_string(event.move))},
                     {"by", text(core::to_string(event.by))},
                     {"detail", text(event.detail)}};
    if (names) one["actor"] = text(event.actor);
    out.push_back(std::move(one));
  }
  return out;
}

json::object guest_view(const core::Booking& booking) {
  json::object out{{"number", text(booking.number.grouped())},
                   {"status", text(core::to_string(booking.status))},
                   {"service", text(core::to_string(booking.request.service))},
                   {"urgent", booking.request.urgent},
                   {"preferred", preferred_of(booking)},
                   {"created_at", text(booking.created)},
                   {"updated_at", text(booking.updated)}};
  if (booking.visit)
    out["visit"] = json::object{{"start", text(booking.visit->start)},
                                {"duration_minutes", booking.visit->duration.count()}};
  if (booking.estimate) out["estimate"] = estimate_of(*booking.estimate);
  if (!booking.reason.empty()) out["reason"] = text(booking.reason);
  return out;
}

}  // namespace

json::object booking_object(const core::Booking& booking) {
  auto out = guest_view(booking);
  out["description"] = text(booking.request.description);
  out["address"] = text(booking.request.address);
  out["address_detail"] = text(booking.request.address_detail);
  out["name"] = text(booking.request.name);
  out["phone"] = text(booking.request.phone.national());
  out["version"] = booking.version;
  if (booking.visit) out["visit"].as_object()["technician"] = text(booking.visit->technician);
  return out;
}

json::array events_array(const std::vector<core::Event>& events) { return events_of(events, true); }

std::string receipt_json(const store::Receipt& receipt) {
  return json::serialize(json::object{{"number", text(receipt.number.grouped())},
                                      {"status", text(core::to_string(receipt.status))},
                                      {"created_at", text(receipt.created)}});
}

std::string guest_booking_json(const GuestView& view) {
  auto out = guest_view(view.booking);
  out["events"] = events_of(view.events, false);
  json::array moves;
  for (const auto move : view.moves) moves.push_back(text(core::to_string(move)));
  out["moves"] = std::move(moves);
  json::array photos;
  for (const auto& url : view.photos) photos.push_back(text(url));
  out["photos"] = std::move(photos);
  return json::serialize(out);
}

std::string booking_json(const core::Booking& booking) {
  return json::serialize(booking_object(booking));
}

}  // namespace booking::api
