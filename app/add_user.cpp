#include "app/add_user.hpp"

#include "app/auth/password.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <thread>

namespace booking {
namespace {

namespace asio = boost::asio;

constexpr std::chrono::seconds kMostWait{15};
constexpr std::chrono::milliseconds kLook{100};

asio::awaitable<void> add(store::Store& store, store::Account account,
                          std::optional<common::Result<store::Outcome>>& out) {
  store::Actor actor{"bookd --add-user", "local"};
  out = co_await store.accounts().add_account(std::move(account), std::move(actor));
}

}  // namespace

std::optional<std::string> add_user(store::Store& store, const std::string& username,
                                    const std::string& password, store::Role role) {
  if (!auth::is_username(username)) return "a name is 1 to 40 of a-z 0-9 . _ -";
  if (!auth::is_new_password(password))
    return "a password of 10 characters to 256 octets is needed on standard input";
  auto hash = auth::hash_password(password);
  if (!hash) return "there is no memory to hash a password";

  const auto deadline = common::Clock::now() + kMostWait;
  while (!store.readiness().ready() && common::Clock::now() < deadline)
    std::this_thread::sleep_for(kLook);
  asio::io_context context;
  std::optional<common::Result<store::Outcome>> added;
  asio::co_spawn(context,
                 add(store, {username, std::move(*hash), role, false, common::wall_now()}, added),
                 asio::detached);
  context.run();
  if (!*added) return "the database: " + added->error().message();
  if (**added == store::Outcome::Refused) return "the name " + username + " is taken";
  return std::nullopt;
}

}  // namespace booking
