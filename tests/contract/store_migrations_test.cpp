#include "app/store/migrations.hpp"
#include "tests/contract/store_fixture.hpp"
#include "tests/support/catch.hpp"

#include <thread>

using namespace booking;
using store::CreateOutcome;
using store::Errc;

namespace {

/// A database of its own, empty, reached as administrator; dropped at the end.
class EmptyDatabase {
 public:
  explicit EmptyDatabase(const std::string& charset = "utf8mb4")
      : name_{unique_name("scratch_")}, root_{root_session(test_options().nodes.front())} {
    root_->run("CREATE DATABASE " + name_ + " CHARACTER SET " + charset);
    root_->run("GRANT ALL ON " + name_ + ".* TO '" + test_options().user + "'@'%'");
  }
  EmptyDatabase(const EmptyDatabase&) = delete;
  EmptyDatabase& operator=(const EmptyDatabase&) = delete;
  ~EmptyDatabase() { root_->run("DROP DATABASE " + name_); }

  store::MariadbOptions options() const {
    auto options = test_options();
    options.database = name_;
    return options;
  }
  void run(const std::string& sql) {
    root_->run("USE " + name_);
    root_->run(sql);
  }
  std::vector<store::Row> query(const char* sql) {
    root_->run("USE " + name_);
    return root_->query(sql);
  }

 private:
  std::string name_;
  std::unique_ptr<store::Session> root_;
};

/// The reason a store on this database gives for not being ready.
std::string refusal_of(const store::MariadbOptions& options) {
  const auto db = store::open_mariadb_store(options, test_vault());
  std::string reason;
  CHECK(eventually([&] {
    const auto readiness = db->readiness();
    reason = readiness.reasons.empty() ? "" : readiness.reasons.front();
    return readiness.reachable && !readiness.schema_ok;
  }));
  return reason;
}

}  // namespace

TEST_CASE("Two programs that start at once bring the schema up to date once",
          "[store][mariadb][faults]") {
  EmptyDatabase database;
  std::vector<std::unique_ptr<store::Store>> stores;
  for (int i = 0; i < 4; ++i)
    stores.push_back(store::open_mariadb_store(database.options(), test_vault()));
  for (const auto& one : stores) CHECK(eventually([&] { return one->readiness().ready(); }));
  const auto rows = database.query("SELECT COUNT(*), MIN(applied_us) FROM schema_migration");
  CHECK(rows.at(0).integer(0) == static_cast<std::int64_t>(store::known_migrations().size()));
  CHECK(rows.at(0).integer(1) > 0);
}

TEST_CASE("A schema that is not ours is refused, not used", "[store][mariadb][faults]") {
  EmptyDatabase database;
  SECTION("another text under the same version") {
    ready_store(database.options());
    database.run("UPDATE schema_migration SET checksum = REPEAT('0', 64)");
    CHECK(refusal_of(database.options()).find("another text") != std::string::npos);
  }
  SECTION("a version from the future") {
    ready_store(database.options());
    database.run("INSERT INTO schema_migration VALUES (1000, 'future', REPEAT('0', 64), 1)");
    const auto db = store::open_mariadb_store(database.options(), test_vault());
    CHECK(eventually([&] {
      const auto outcome = await<CreateOutcome>(db->create_booking(new_booking()));
      return outcome.has_error() && outcome.error() == Errc::SchemaMismatch;
    }));
  }
  SECTION("tables that stand there without a record") {
    database.run("CREATE TABLE customer (id INTEGER)");
    CHECK(refusal_of(database.options()).find("customer") != std::string::npos);
  }
}

TEST_CASE("A database that cannot hold Korean is refused", "[store][mariadb][faults]") {
  EmptyDatabase database{"latin1"};
  CHECK(refusal_of(database.options()).find("utf8mb4") != std::string::npos);
}

TEST_CASE("An interrupted migration is gone through again", "[store][mariadb][faults]") {
  EmptyDatabase database;
  ready_store(database.options());
  // The newest that makes a table, which is missing. A step begins when the one before it is
  // finished, so nothing of those after it is there.
  database.run("ALTER TABLE booking DROP COLUMN urgent");
  auto steps = store::known_migrations();
  while (steps.back().sql.find("CREATE TABLE ") == std::string::npos) {
    database.run("DELETE FROM schema_migration ORDER BY version DESC LIMIT 1");
    steps = steps.first(steps.size() - 1);
  }
  const auto newest = steps.back().sql;
  const auto named = newest.substr(newest.rfind("CREATE TABLE ") + 13);
  const std::string table{named.substr(0, named.find_first_of(" ("))};
  database.run("DROP TABLE " + table);
  database.run("UPDATE schema_migration SET applied_us = 0 ORDER BY version DESC LIMIT 1");
  ready_store(database.options());
  database.query(("SELECT * FROM " + table).c_str());
}

TEST_CASE("This release goes on while the next one adds to its tables",
          "[store][mariadb][faults]") {
  EmptyDatabase database;
  auto options = database.options();
  options.write_deadline = std::chrono::seconds{60};  // on a slow machine a table takes its time
  const auto running = ready_store(options);
  const auto book = [](store::Store& store) {
    const auto command = new_booking();
    const auto made = await<CreateOutcome>(store.create_booking(command));
    REQUIRE(made);
    const auto& receipt = std::get<store::Created>(*made).receipt;
    const auto found = look_up(store, receipt.number, command.request.phone);
    REQUIRE(found);
    CHECK(found->has_value());
  };
  book(*running);
  const auto tables = database.query(
      "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE()"
      " AND TABLE_NAME <> 'schema_migration'");
  database.run("INSERT INTO schema_migration VALUES (1000, 'expand_next', REPEAT('0', 64), 0)");
  for (const auto& table : tables) {
    std::vector<store::Awaitable<CreateOutcome>> meanwhile;
    for (int i = 0; i < 8; ++i) meanwhile.push_back(running->create_booking(new_booking()));
    std::jthread changing{[&] {
      database.run("ALTER TABLE " + table.text(0) + " ADD COLUMN of_the_next_release INTEGER");
    }};
    for (const auto& outcome : await_all<CreateOutcome>(std::move(meanwhile))) {
      REQUIRE(outcome);
      CHECK(std::holds_alternative<store::Created>(*outcome));
    }
  }
  database.run("CREATE TABLE of_the_next_release (id INTEGER PRIMARY KEY)");
  database.run("UPDATE schema_migration SET applied_us = 1 WHERE version = 1000");
  book(*running);
  const auto started_again = ready_store(options);
  book(*started_again);
}
