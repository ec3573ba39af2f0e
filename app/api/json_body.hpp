#pragma once

#include "app/api/problem.hpp"
#include "app/core/booking_request.hpp"
#include "app/core/visit.hpp"

#include <string>
#include <string_view>
#include <variant>

namespace booking::api {

// Reading the JSON bodies of requests, strictly: UTF-8, one object, no key twice, no key unknown,
// no other type than asked for, no deep nesting. What is wrong comes back as a problem with a
// pointer to each place. Whether the words make sense is for the core to say.

inline constexpr std::size_t kDeepestJson = 4;

struct Lookup {
  std::string number;
  std::string phone;
};

struct Credentials {
  std::string username;
  std::string password;
};

template <class T>
using Read = std::variant<T, Problem>;

Read<core::BookingDraft> read_booking(std::string_view body);
Read<Lookup> read_lookup(std::string_view body);
Read<Credentials> read_credentials(std::string_view body);
Read<core::VisitDraft> read_visit(std::string_view body);

}  // namespace booking::api
