#pragma once

#include "app/api/admin_gate.hpp"
#include "app/api/password_checker.hpp"
#include "app/api/route_table.hpp"

#include <string>

namespace booking::api {

/// One's own account (password, second factor, sessions) and, for owners, everybody's.
class AccountEndpoints {
 public:
  AccountEndpoints(const AdminGate& gate, store::Store& store, PasswordChecker& passwords,
                   std::string issuer)
      : gate_{gate}, store_{store}, passwords_{passwords}, issuer_{std::move(issuer)} {}
  void add_to(RouteTable& routes);

 private:
  boost::asio::awaitable<Response> list_sessions(const Request& request);
  boost::asio::awaitable<Response> revoke_session(const Request& request);
  boost::asio::awaitable<Response> begin_factor(const Request& request);
  boost::asio::awaitable<Response> confirm_factor(const Request& request);
  boost::asio::awaitable<Response> remove_factor(const Request& request);
  boost::asio::awaitable<Response> change_password(const Request& request);
  boost::asio::awaitable<Response> list_accounts(const Request& request);
  boost::asio::awaitable<Response> add_account(const Request& request);
  boost::asio::awaitable<Response> change_account(const Request& request);

  /// The hash of a password that is good enough, or what is wrong with it.
  boost::asio::awaitable<std::variant<std::string, Problem>> hash(std::string password);

  const AdminGate& gate_;
  store::Store& store_;
  PasswordChecker& passwords_;
  std::string issuer_;  // what an authenticator shows
};

}  // namespace booking::api
