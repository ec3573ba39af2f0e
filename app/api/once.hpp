#pragma once

#include "app/api/admin_gate.hpp"
#include "app/store/once.hpp"

#include <boost/asio/awaitable.hpp>

#include <optional>
#include <variant>

namespace booking::api {

// A POST of an admin is done once, however often it is sent.

/// Whose request it is, and its key with what it asks for, to be kept with its answer (204 unless
/// one is put in).
struct Turn {
  Visitor visitor;
  store::Once once;
};

/// What stands in front of every such POST. An answer at once when the gate lets nobody in, when
/// this key has been answered before, or when it cannot be used.
boost::asio::awaitable<std::variant<Turn, Response>> take_turn(const Request& request,
                                                               const AdminGate& gate,
                                                               store::Store& store, Need need);

/// As it is told now, and again to the same key.
Response answer_of(const store::Once& once);
Response told_again(const store::Replay& replay);
Problem key_problem(store::KeyRefusal refusal);

/// The answer when the key turned out to have one, or to be another's; nothing when it was new.
template <class T>
std::optional<Response> told_before(const store::Keyed<T>& outcome, const Request& request) {
  if (const auto* replay = std::get_if<store::Replay>(&outcome)) return told_again(*replay);
  if (const auto* refusal = std::get_if<store::KeyRefusal>(&outcome))
    return to_response(key_problem(*refusal), request);
  return std::nullopt;
}

}  // namespace booking::api
