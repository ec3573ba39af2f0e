#pragma once

#include "app/api/problem.hpp"
#include "app/core/amendment.hpp"
#include "app/core/booking_request.hpp"
#include "app/core/estimate.hpp"
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
  std::string proof;  // of work; may be empty
};

struct Credentials {
  std::string username;
  std::string password;
  std::string code;  // of an authenticator, or a recovery code; empty when none was given
};

/// What a guest sends with a move: who they are by the telephone number, why, and what to change.
struct GuestMove {
  std::string phone;
  std::string reason;
  std::string proof;
  core::AmendmentDraft amendment;
};

template <class T>
using Read = std::variant<T, Problem>;

Read<core::BookingDraft> read_booking(std::string_view body);
Read<Lookup> read_lookup(std::string_view body);
/// `changes` says whether description, address and preferred may stand in the body.
Read<GuestMove> read_guest_move(std::string_view body, bool changes);
Read<core::EstimateDraft> read_estimate(std::string_view body);
Read<Credentials> read_credentials(std::string_view body);
Read<core::VisitDraft> read_visit(std::string_view body);

}  // namespace booking::api
