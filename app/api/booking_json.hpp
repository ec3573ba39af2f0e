#pragma once

#include "app/store/store.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <string>
#include <vector>

namespace booking::api {

// Bookings as JSON, by who may know what. Times are RFC 3339 with Seoul's offset.

/// What the guest is told who just made it.
std::string receipt_json(const store::Receipt& receipt);
/// A booking with its story, as its guest may see it.
struct GuestView {
  core::Booking booking;
  std::vector<core::Event> events;
  std::vector<core::Move> moves;    // that the guest can make now
  std::vector<std::string> photos;  // where they can be seen for a while
};

/// What one is told who knows number and phone: nothing of name and address, and of the staff no
/// names.
std::string guest_booking_json(const GuestView& view);
/// Everything, for those who work on it.
std::string booking_json(const core::Booking& booking);
boost::json::object booking_object(const core::Booking& booking);
boost::json::array events_array(const std::vector<core::Event>& events);

}  // namespace booking::api
