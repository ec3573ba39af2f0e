#include "app/api/json_body.hpp"

#include "app/api/json_reader.hpp"

namespace booking::api {
namespace {

std::vector<core::BookingDraft::Window> read_windows(ObjectReader& reader, FieldErrors& errors) {
  std::vector<core::BookingDraft::Window> windows;
  const auto rows = reader.objects("preferred", core::kMaxPreferred);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    auto& window = windows.emplace_back();
    if (rows[i] == nullptr) continue;
    ObjectReader row{*rows[i], "/preferred/" + std::to_string(i), errors};
    row.read("date", window.date);
    row.read("window", window.part);
    row.read("time", window.time);
    row.refuse_unknown();
  }
  return windows;
}

}  // namespace

Read<core::BookingDraft> read_booking(std::string_view body) {
  return read_object<core::BookingDraft>(body, [](auto& reader, auto& draft, FieldErrors& errors) {
    reader.read("service", draft.service);
    reader.read("description", draft.description);
    reader.read("address", draft.address);
    reader.read("address_detail", draft.address_detail);
    reader.read("name", draft.name);
    reader.read("phone", draft.phone);
    draft.preferred = read_windows(reader, errors);
    reader.read("keep_photos", draft.keep_photos);
    reader.read("marketing", draft.marketing);
    reader.read("urgent", draft.urgent);
  });
}

Read<GuestMove> read_guest_move(std::string_view body, bool changes) {
  return read_object<GuestMove>(body, [changes](auto& reader, auto& move, FieldErrors& errors) {
    reader.require("phone");
    reader.read("phone", move.phone);
    reader.read("proof", move.proof);
    if (!changes) {
      reader.read("reason", move.reason);
      return;
    }
    if (reader.has("description")) reader.read("description", move.amendment.description.emplace());
    if (reader.has("address")) reader.read("address", move.amendment.address.emplace());
    if (reader.has("address_detail"))
      reader.read("address_detail", move.amendment.address_detail.emplace());
    if (reader.has("preferred")) move.amendment.preferred = read_windows(reader, errors);
    if (reader.has("name")) reader.read("name", move.amendment.name.emplace());
    if (reader.has("new_phone")) reader.read("new_phone", move.amendment.new_phone.emplace());
  });
}

Read<core::EstimateDraft> read_estimate(std::string_view body) {
  return read_object<core::EstimateDraft>(body, [](auto& reader, auto& draft, FieldErrors& errors) {
    reader.read("note", draft.note);
    reader.read("valid_until", draft.valid_until);
    const auto items = reader.objects("items", core::kMaxEstimateItems);
    for (std::size_t i = 0; i < items.size(); ++i) {
      auto& item = draft.items.emplace_back();
      if (items[i] == nullptr) continue;
      ObjectReader row{*items[i], "/items/" + std::to_string(i), errors};
      row.read("text", item.text);
      row.read("amount", item.amount);
      row.refuse_unknown();
    }
  });
}

Read<Lookup> read_lookup(std::string_view body) {
  return read_object<Lookup>(body, [](auto& reader, auto& lookup, FieldErrors&) {
    reader.require("number");
    reader.require("phone");
    reader.read("number", lookup.number);
    reader.read("phone", lookup.phone);
    reader.read("proof", lookup.proof);
  });
}

Read<Credentials> read_credentials(std::string_view body) {
  return read_object<Credentials>(body, [](auto& reader, auto& credentials, FieldErrors&) {
    reader.require("username");
    reader.require("password");
    reader.read("username", credentials.username);
    reader.read("password", credentials.password);
    reader.read("code", credentials.code);
  });
}

Read<core::VisitDraft> read_visit(std::string_view body) {
  return read_object<core::VisitDraft>(body, [](auto& reader, auto& visit, FieldErrors&) {
    reader.read("technician", visit.technician);
    reader.read("start", visit.start);
    reader.read("duration_minutes", visit.duration_minutes);
  });
}

}  // namespace booking::api
