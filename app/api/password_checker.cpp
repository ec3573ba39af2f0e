#include "app/api/password_checker.hpp"

#include "app/auth/password.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace booking::api {
namespace {

namespace asio = boost::asio;

asio::awaitable<bool> verify(std::string hash, std::string password) {
  co_return auth::verify_password(hash, password);
}

asio::awaitable<std::optional<std::string>> make_hash(std::string password) {
  co_return auth::hash_password(password);
}

}  // namespace

asio::awaitable<std::optional<bool>> PasswordChecker::check(std::string hash,
                                                            std::string password) {
  if (waiting_ >= kMostWaiting) co_return std::nullopt;
  ++waiting_;
  const bool right = co_await asio::co_spawn(pool_, verify(std::move(hash), std::move(password)),
                                             asio::use_awaitable);
  --waiting_;
  co_return right;
}

asio::awaitable<std::optional<std::string>> PasswordChecker::hash(std::string password) {
  if (waiting_ >= kMostWaiting) co_return std::nullopt;
  ++waiting_;
  auto made = co_await asio::co_spawn(pool_, make_hash(std::move(password)), asio::use_awaitable);
  --waiting_;
  co_return made;
}

}  // namespace booking::api
