#include "app/core/amendment.hpp"

#include "app/core/text.hpp"

namespace booking::core {
namespace {

/// Fills the fields that are not given with ones that pass, so that a request's own checks, and no
/// second set of them, judge those that are.
BookingDraft whole(const AmendmentDraft& draft) {
  return {.service = "other",
          .description = draft.description.value_or("-"),
          .address = draft.address.value_or("-"),
          .address_detail = draft.address_detail.value_or(""),
          .name = draft.name.value_or("-"),
          .phone = draft.new_phone.value_or("010-0000-0000"),
          .preferred = draft.preferred.value_or(std::vector<BookingDraft::Window>{})};
}

}  // namespace

CheckedAmendment validate(const AmendmentDraft& draft, common::WallTime now,
                          const CalendarRules& calendar) {
  if (!draft.description && !draft.address && !draft.address_detail && !draft.preferred &&
      !draft.name && !draft.new_phone)
    return {std::nullopt,
            {{"", "required", "바꿀 내용을 적어 주세요.", "Say what is to be changed."}}};
  auto checked = validate(whole(draft), now, calendar);
  for (auto& error : checked.errors)
    if (error.pointer == "/phone") error.pointer = "/new_phone";
  if (!checked.request) return {std::nullopt, std::move(checked.errors)};
  Amendment amendment;
  if (draft.description) amendment.description = std::move(checked.request->description);
  if (draft.address) amendment.address = std::move(checked.request->address);
  if (draft.address_detail) amendment.address_detail = std::move(checked.request->address_detail);
  if (draft.preferred) amendment.preferred = std::move(checked.request->preferred);
  if (draft.name) amendment.name = std::move(checked.request->name);
  if (draft.new_phone) amendment.phone = std::move(checked.request->phone);
  return {std::move(amendment), {}};
}

bool fits(const Amendment& amendment, Status status) {
  const bool promised = status == Status::Approved || status == Status::Scheduled;
  return !promised || (!amendment.description && !amendment.address && !amendment.address_detail &&
                       !amendment.name && !amendment.phone);
}

std::string fields_of(const Amendment& amendment) {
  std::string names;
  const auto add = [&names](bool given, std::string_view name) {
    if (!given) return;
    if (!names.empty()) names += ", ";
    names += name;
  };
  add(amendment.description.has_value(), "description");
  add(amendment.address || amendment.address_detail, "address");
  add(amendment.preferred.has_value(), "preferred");
  add(amendment.name.has_value(), "name");
  add(amendment.phone.has_value(), "phone");
  return names;
}

BookingRequest amended(BookingRequest request, const Amendment& amendment) {
  if (amendment.description) request.description = *amendment.description;
  if (amendment.address) {
    request.address = *amendment.address;
    request.address_detail.clear();
  }
  if (amendment.address_detail) request.address_detail = *amendment.address_detail;
  if (amendment.preferred) request.preferred = *amendment.preferred;
  if (amendment.name) request.name = *amendment.name;
  if (amendment.phone) request.phone = *amendment.phone;
  return request;
}

std::optional<std::string> checked_reason(std::string_view text) {
  const auto straight = without_turns(text);
  const auto reason = trimmed(straight);
  const auto length = length_of_text(reason, Lines::Many);
  if (!length || *length > kMaxReason) return std::nullopt;
  return std::string{reason};
}

}  // namespace booking::core
