#pragma once

#include "app/api/json_body.hpp"
#include "app/core/calendar_draft.hpp"
#include "app/core/offered_windows.hpp"
#include "app/store/office.hpp"

#include <boost/json/object.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace booking::api {

// When the shop works, as JSON.

Read<core::CalendarDraft> read_calendar(std::string_view body);
/// With the public holidays of a year from `today` on, which an editor shows.
std::string shop_calendar_json(const store::ShopCalendar& calendar, core::Date today);
std::string windows_json(const std::vector<core::OfferedDay>& days);

boost::json::object hours_object(const core::Hours& hours);

}  // namespace booking::api
