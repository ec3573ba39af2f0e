#pragma once

#include "app/api/admin_gate.hpp"
#include "app/api/metrics.hpp"
#include "app/api/password_checker.hpp"
#include "app/api/route_table.hpp"
#include "app/privacy/vault.hpp"

#include <string>
#include <vector>

namespace booking::api {

struct Credentials;

/// Coming in and going out: password, second factor, session.
class LoginEndpoints {
 public:
  LoginEndpoints(const AdminOptions& options, const AdminGate& gate, store::Store& store,
                 const privacy::Vault& vault, PasswordChecker& passwords, Metrics& metrics)
      : options_{options},
        gate_{gate},
        store_{store},
        vault_{vault},
        passwords_{passwords},
        metrics_{metrics} {}
  void add_to(RouteTable& routes);

 private:
  boost::asio::awaitable<Response> login(const Request& request);
  boost::asio::awaitable<Response> logout(const Request& request);
  boost::asio::awaitable<Response> session(const Request& request);
  boost::asio::awaitable<Response> reauthenticate(const Request& request);

  /// Nothing when password and, where one is set, second factor are right; failures are counted on
  /// every node.
  boost::asio::awaitable<std::optional<Problem>> verify(const Request& request, Credentials given);
  boost::asio::awaitable<std::optional<Problem>> verify_factor(const Request& request,
                                                               const Credentials& given);
  /// What a name without an account is counted by.
  std::string stranger(std::string_view username) const;
  /// How long tries of any of these subjects must still wait.
  store::Awaitable<std::chrono::seconds> wait_of(const std::vector<std::string>& subjects);
  boost::asio::awaitable<Problem> refused(const Request& request, std::vector<std::string> subjects,
                                          Problem why);

  const AdminOptions& options_;
  const AdminGate& gate_;
  store::Store& store_;
  const privacy::Vault& vault_;
  PasswordChecker& passwords_;
  Metrics& metrics_;
};

}  // namespace booking::api
