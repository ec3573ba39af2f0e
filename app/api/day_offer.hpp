#pragma once

#include "app/api/shop_hours.hpp"
#include "app/web/pages.hpp"

namespace booking::api {

/// When the shop comes, in words and for the fields that ask for a day.
web::DayOffer day_offer(const Offer& offer, web::Language language);

}  // namespace booking::api
