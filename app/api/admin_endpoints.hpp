#pragma once

#include "app/api/api_options.hpp"
#include "app/api/metrics.hpp"
#include "app/api/password_checker.hpp"
#include "app/api/problem.hpp"
#include "app/api/route_table.hpp"
#include "app/store/store.hpp"

#include <variant>

namespace booking::api {

/// The half of the API for those who work on bookings: log in, list, approve. Sessions live in the
/// store, so any node knows them.
class AdminEndpoints {
 public:
  AdminEndpoints(const AdminOptions& options, store::Store& store, Metrics& metrics)
      : options_{options}, store_{store}, metrics_{metrics} {}
  void add_to(RouteTable& routes);

 private:
  struct Session {
    store::AdminSession stored;
    store::Actor actor;
  };

  boost::asio::awaitable<Response> login(const Request& request);
  boost::asio::awaitable<Response> logout(const Request& request);
  boost::asio::awaitable<Response> list(const Request& request);
  boost::asio::awaitable<Response> approve(const Request& request);

  /// The session of the request's cookie, with a right CSRF token when `changes` something.
  boost::asio::awaitable<std::variant<Session, Problem>> authorise(const Request& request,
                                                                   bool changes);
  /// How long tries of any of these subjects must still wait.
  store::Awaitable<std::chrono::seconds> wait_of(std::vector<std::string> subjects);
  store::Awaitable<store::Done> begin_session(const Request& request, std::string username,
                                              store::TokenHash token_hash);

  const AdminOptions& options_;
  store::Store& store_;
  Metrics& metrics_;
  PasswordChecker passwords_;
};

}  // namespace booking::api
