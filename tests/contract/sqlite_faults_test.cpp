#include "app/store/sqlite_session.hpp"
#include "tests/contract/store_fixture.hpp"
#include "tests/support/catch.hpp"

#include <csignal>
#include <fstream>
#include <sys/resource.h>
#include <sys/stat.h>

using namespace booking;
using namespace std::chrono_literals;
using store::CreateOutcome;
using store::Errc;

namespace {

/// While it lives no file of this process may grow.
class NoRoom {
 public:
  NoRoom() {
    std::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    auto none = before_;
    none.rlim_cur = 1;
    ::setrlimit(RLIMIT_FSIZE, &none);
  }
  NoRoom(const NoRoom&) = delete;
  NoRoom& operator=(const NoRoom&) = delete;
  ~NoRoom() { ::setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  ::rlimit before_{};
};

}  // namespace

TEST_CASE("The file of a store is its owner's alone", "[store][sqlite]") {
  any_store();
  struct ::stat about {};
  REQUIRE(::stat(database_file()->c_str(), &about) == 0);
  CHECK((about.st_mode & 0777U) == 0600U);
}

TEST_CASE("What another program holds ends in time and is done when it lets go",
          "[store][sqlite]") {
  store::SqliteOptions options;
  options.file = *database_file();
  options.deadline = 300ms;
  const auto db = store::open_sqlite_store(options, test_vault());
  const auto command = new_booking();
  const auto holder = other_session();
  holder->begin();
  const auto refused = await<CreateOutcome>(db->create_booking(command));
  REQUIRE(refused.has_error());
  CHECK(refused.error() == Errc::Unavailable);
  CHECK(await<store::LoginFailures>(db->read_login_failures("user:reads")).has_value());
  holder->run("ROLLBACK");
  CHECK(await<CreateOutcome>(db->create_booking(command)).has_value());
}

TEST_CASE("A file that is none of ours is refused with a reason", "[store][sqlite]") {
  const auto words_of = [](const std::string& file) -> std::string {
    store::SqliteOptions options;
    options.file = file;
    try {
      store::open_sqlite_store(std::move(options), test_vault());
      return "opened";
    } catch (const std::runtime_error& error) {
      return error.what();
    }
  };
  CHECK(words_of("/nowhere/at/all.sqlite").find("No such file") != std::string::npos);
  const auto letter = *database_file() + ".letter";
  std::ofstream{letter} << std::string(4096, 'x');
  CHECK(words_of(letter).find("not a database") != std::string::npos);
  const auto other = *database_file() + ".other";
  store::SqliteSession{other}.run("CREATE TABLE customer (id INTEGER)");
  CHECK(words_of(other).find("customer") != std::string::npos);
  store::SqliteSession{other}.run("DROP TABLE customer");
  CHECK(words_of(other) == "opened");
}

TEST_CASE("A disk without room says so, keeps what it has and goes on when there is room",
          "[store][sqlite]") {
  store::SqliteOptions options;
  options.file = *database_file();
  options.deadline = 300ms;
  options.readers = 1;
  const auto db = store::open_sqlite_store(options, test_vault());
  CHECK(await<store::LoginFailures>(db->read_login_failures("user:reads")).has_value());
  const auto before = new_booking();
  const auto made = await<CreateOutcome>(db->create_booking(before));
  REQUIRE(made.has_value());
  const auto late = new_booking();
  {
    const NoRoom full;
    CHECK(await<CreateOutcome>(db->create_booking(late)).has_error());
    CHECK_FALSE(db->readiness().writable);
    CHECK_FALSE(db->readiness().reasons.empty());
    const auto& number = std::get<store::Created>(*made).receipt.number;
    const auto found = look_up(*db, number, before.request.phone);
    REQUIRE(found.has_value());
    CHECK(found->has_value());
  }
  const auto again = await<CreateOutcome>(db->create_booking(late));
  REQUIRE(again.has_value());
  CHECK(db->readiness().ready());
}
