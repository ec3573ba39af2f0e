#pragma once

#include "app/api/api_options.hpp"
#include "app/api/problem.hpp"
#include "app/store/store.hpp"

#include <boost/asio/awaitable.hpp>

#include <string>
#include <variant>

namespace booking::api {

/// After this long a password wants to be given again before personal data leaves or goes.
inline constexpr std::chrono::minutes kFreshPassword{5};

/// Who stands before the admin's half of the API.
struct Visitor {
  store::AdminSession session;
  store::Actor actor;
  store::Role role{store::Role::Staff};
  std::string csrf_token;
  bool fresh{false};  // the password was given within kFreshPassword
};

/// What a request must bring along besides a session.
struct Need {
  bool csrf{false};   // it changes something
  bool owner{false};  // staff may not
  bool fresh{false};  // the password, given a moment ago
  bool json{false};   // a body that is said to be JSON
};

inline constexpr Need kChange{.csrf = true, .json = true};
/// Of what only an owner may do, and not at a desk that was left alone.
inline constexpr Need kOwnersChange{.csrf = true, .owner = true, .fresh = true, .json = true};

/// Lets the right ones in. Sessions live in the store, so any node knows them.
class AdminGate {
 public:
  AdminGate(const AdminOptions& options, store::Store& store) : options_{options}, store_{store} {}

  boost::asio::awaitable<std::variant<Visitor, Problem>> admit(const Request& request,
                                                               Need need) const;
  /// Whether the configuration names this account; such a one is an owner.
  const AdminAccount* configured(std::string_view username) const;

 private:
  const AdminOptions& options_;
  store::Store& store_;
};

std::string_view to_string(store::Role role);
std::optional<store::Role> parse_role(std::string_view text);

}  // namespace booking::api
