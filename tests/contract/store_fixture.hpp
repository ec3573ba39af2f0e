#pragma once

#include "app/store/mariadb_session.hpp"
#include "app/store/mariadb_store.hpp"
#include "app/store/sqlite_store.hpp"
#include "tests/support/catch.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

/// A failed REQUIRE(result) shows the error's words.
template <class T>
struct Catch::StringMaker<common::Result<T>> {
  static std::string convert(const common::Result<T>& result) {
    return result.has_value() ? "a value" : result.error().message();
  }
};

/// The file to be tested, MAINSTAY_DB=sqlite:PATH, or nothing when it is a server.
std::optional<std::string> database_file();
/// Options for the server named by the environment, MAINSTAY_DB=host:port,user,password,database;
/// ends the program with a word when there is none.
booking::store::MariadbOptions test_options();
/// The second node, read-only: MAINSTAY_DB_REPLICA=host:port.
common::SocketAddress replica_node();
/// An administrator's session to a node: MAINSTAY_DB_ROOT=user,password.
std::unique_ptr<booking::store::Session> root_session(const common::SocketAddress& node);
/// A session of one's own with what is tested, whichever it is.
std::unique_ptr<booking::store::Session> other_session();
/// The primary's process: MAINSTAY_DB_PIDFILE.
int primary_pid();
/// Starts the primary again: MAINSTAY_DB_START, a shell command that returns once it runs.
void start_primary();

/// Polls until `condition` holds; false after `limit`.
bool eventually(const std::function<bool()>& condition,
                std::chrono::milliseconds limit = std::chrono::seconds{15});

/// The keys of what is tested.
booking::privacy::KeyRing test_keys();
booking::privacy::Vault test_vault();

/// A calendar that has a place for every visit and keeps no time for travel.
booking::core::CalendarRules open_calendar();
void set_calendar(booking::store::Store& store, const booking::core::CalendarRules& rules);

/// A key of its own for a change that tells `body`.
booking::store::Once once(const std::string& request, const std::string& body = {});

/// What the audit log says of the latest that was done so to `subject`; of whatever is tested.
std::string noted(const std::string& action, const std::string& subject);

/// A ready store on what is tested, whichever it is, with open_calendar().
std::unique_ptr<booking::store::Store> any_store(
    booking::store::EntropySource entropy = booking::store::system_entropy);
/// A store on a server that is ready; fails the test when it does not become so.
std::unique_ptr<booking::store::Store> ready_store(
    booking::store::MariadbOptions options = test_options(),
    booking::store::EntropySource entropy = booking::store::system_entropy);

/// A valid command with a key and a telephone number of its own.
booking::store::CreateBooking new_booking(const std::string& key = {});
/// Makes it; the booking as the office sees it.
booking::core::Booking make_booking(booking::store::Store& store,
                                    const booking::store::CreateBooking& command);
std::string unique_name(const std::string& prefix);
/// A booking of whoever `booking` is of that has been written and not committed: their row is held
/// until the session's transaction ends. Its number; of a server alone.
booking::core::BookingNumber write_another(booking::store::Session& session,
                                           const booking::core::BookingNumber& booking);

/// What a guest finds who may look.
common::Result<std::optional<booking::core::Booking>> look_up(
    booking::store::Store& store, const booking::core::BookingNumber& number,
    const booking::core::Phone& phone);

template <class T>
boost::asio::awaitable<void> keep(booking::store::Awaitable<T> operation,
                                  std::optional<common::Result<T>>& out) {
  out.emplace(co_await std::move(operation));
}

/// Runs operations side by side; their results in the same order.
template <class T>
std::vector<common::Result<T>> await_all(std::vector<booking::store::Awaitable<T>> operations) {
  boost::asio::io_context io;
  std::vector<std::optional<common::Result<T>>> kept(operations.size());
  for (std::size_t i = 0; i < operations.size(); ++i)
    boost::asio::co_spawn(io, keep<T>(std::move(operations[i]), kept[i]), boost::asio::detached);
  io.run();
  std::vector<common::Result<T>> results;
  results.reserve(kept.size());
  for (auto& one : kept) results.push_back(std::move(one.value()));
  return results;
}

template <class T>
common::Result<T> await(booking::store::Awaitable<T> operation) {
  std::vector<booking::store::Awaitable<T>> operations;
  operations.push_back(std::move(operation));
  return std::move(await_all<T>(std::move(operations)).front());
}
