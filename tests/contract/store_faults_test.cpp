#include "tests/contract/store_fixture.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>
#include <csignal>
#include <thread>

using namespace booking;
using namespace std::chrono_literals;
using store::CreateOutcome;
using store::CreateRefusal;
using store::Errc;

namespace {

/// Does it as a careful client: again with the same key until it is answered. Usable on any thread,
/// which Catch's checks are not.
bool created_persistently(store::Store& db, const store::CreateBooking& command) {
  return eventually([&] {
    const auto outcome = await<CreateOutcome>(db.create_booking(command));
    return outcome && std::holds_alternative<store::Created>(*outcome);
  });
}

std::int64_t count(const std::string& sql, const std::string& parameter) {
  auto root = root_session(test_options().nodes.front());
  return root->query(sql.c_str(), {parameter}).at(0).integer(0);
}

// A booking is found by its name: the other words are sealed.
constexpr const char* kBookingsNamed = "SELECT COUNT(*) FROM booking WHERE contact_name = ?";

/// Runs `meddle` on a thread of its own, again and again, for as long as it lives.
class Meddler {
 public:
  explicit Meddler(std::function<void()> meddle)
      : thread_{[meddle = std::move(meddle)](const std::stop_token& stop) {
          while (!stop.stop_requested()) meddle();
        }} {}

 private:
  std::jthread thread_;
};

/// Kills a connection of the store each time bookings have been made since the one before, so that
/// however slow the build is work goes on in between; `most` in all.
class Killer {
 public:
  Killer(std::string mark, int most)
      : mark_{std::move(mark)}, most_{most}, root_{root_session(test_options().nodes.front())} {}

  void step() {
    const auto made = root_->query(kBookingsNamed, {mark_}).at(0).integer(0);
    if (killed_ < most_ && made >= made_before_ + kBetweenKills) {
      made_before_ = made;
      for (const auto& row :
           root_->query("SELECT id FROM information_schema.processlist WHERE user = 'bookd' "
                        "ORDER BY RAND() LIMIT 1"))
        kill(row.integer(0));
    } else {
      std::this_thread::sleep_for(1ms);  // between two looks
    }
  }
  int killed() const { return killed_; }

 private:
  static constexpr std::int64_t kBetweenKills = 3;  // bookings

  void kill(std::int64_t id) {
    try {
      root_->run("KILL " + std::to_string(id));
      ++killed_;
    } catch (const store::SqlError&) {
      // It went by itself.
    }
  }

  const std::string mark_;
  const int most_;
  std::unique_ptr<store::Session> root_;
  std::int64_t made_before_{0};
  int killed_{0};
};

}  // namespace

TEST_CASE("Killed connections lose no booking and make none twice", "[store][mariadb][faults]") {
  constexpr int kBookings = 500;
  constexpr int kAtOnce = 50;
  constexpr int kMostKills = 100;
  auto options = test_options();
  options.write_deadline = 60s;  // what is counted is bookings, not how fast they are made
  const auto db = ready_store(options);
  const auto mark = unique_name("killed ");
  const auto killer = std::make_shared<Killer>(mark, kMostKills);
  {
    const Meddler meddler{[killer] { killer->step(); }};
    for (int made = 0; made < kBookings; made += kAtOnce) {
      std::vector<store::Awaitable<CreateOutcome>> operations;
      for (int i = 0; i < kAtOnce; ++i) {
        auto command = new_booking();
        command.request.name = mark;
        operations.push_back(db->create_booking(std::move(command)));
      }
      for (const auto& outcome : await_all<CreateOutcome>(std::move(operations))) {
        REQUIRE(outcome);
        CHECK(std::holds_alternative<store::Created>(*outcome));
      }
    }
  }
  const auto statistics = db->statistics();
  WARN("connections killed " << killer->killed() << ", lost " << statistics.lost
                             << ", transactions done again " << statistics.retries);
  CHECK(killer->killed() > 0);
  CHECK(statistics.lost > 0);
  CHECK(count(kBookingsNamed, mark) == kBookings);
}

TEST_CASE("A stopped database is unavailable in time, and back when it is back",
          "[store][mariadb][faults]") {
  const auto db = ready_store();
  REQUIRE(::kill(primary_pid(), SIGKILL) == 0);
  const auto begin = common::Clock::now();
  const auto outcome = await<CreateOutcome>(db->create_booking(new_booking()));
  const auto took = common::Clock::now() - begin;
  CHECK(outcome.has_error());
  CHECK(outcome.error() == Errc::Unavailable);
  CHECK(took < test_options().write_deadline + 500ms);
  CHECK(eventually([&] { return !db->readiness().reachable; }));
  start_primary();
  CHECK(eventually([&] { return db->readiness().ready(); }));
  REQUIRE(created_persistently(*db, new_booking()));
}

TEST_CASE("A database killed and restarted mid-way keeps what was acknowledged, once",
          "[store][mariadb][faults]") {
  constexpr int kClients = 8;
  const auto db = ready_store();
  const auto mark = unique_name("crash ");
  std::atomic<int> acknowledged{0};
  {
    std::vector<std::jthread> clients;
    for (int i = 0; i < kClients; ++i)
      clients.emplace_back([&](const std::stop_token& stop) {
        while (!stop.stop_requested()) {
          auto command = new_booking();
          command.request.name = mark;
          if (created_persistently(*db, command)) ++acknowledged;
        }
      });
    for (int round = 0; round < 3; ++round) {
      const int before = acknowledged;
      REQUIRE(eventually([&] { return acknowledged > before + 100; }));
      REQUIRE(::kill(primary_pid(), SIGKILL) == 0);
      start_primary();
    }
  }
  WARN("bookings acknowledged " << acknowledged << " over three crashes");
  CHECK(count(kBookingsNamed, mark) == acknowledged);
}

TEST_CASE("A database started later than the store is taken up", "[store][mariadb][faults]") {
  REQUIRE(::kill(primary_pid(), SIGKILL) == 0);
  const auto db = store::open_mariadb_store(test_options(), test_vault());
  CHECK(eventually([&] { return !db->readiness().reasons.empty(); }));
  CHECK(await<CreateOutcome>(db->create_booking(new_booking())).has_error());
  start_primary();
  CHECK(eventually([&] { return db->readiness().ready(); }));
}

TEST_CASE("A frozen database ends operations by the deadline", "[store][mariadb][faults]") {
  auto options = test_options();
  options.write_deadline = 800ms;
  const auto db = ready_store(options);
  REQUIRE(created_persistently(*db, new_booking()));
  REQUIRE(::kill(primary_pid(), SIGSTOP) == 0);
  std::vector<store::Awaitable<CreateOutcome>> operations;
  for (int i = 0; i < 20; ++i) operations.push_back(db->create_booking(new_booking()));
  const auto begin = common::Clock::now();
  const auto outcomes = await_all<CreateOutcome>(std::move(operations));
  const auto took = common::Clock::now() - begin;
  REQUIRE(::kill(primary_pid(), SIGCONT) == 0);
  for (const auto& outcome : outcomes) CHECK(outcome.has_error());
  WARN("all answered after " << std::chrono::duration_cast<std::chrono::milliseconds>(took).count()
                             << " ms");
  // The watchdog's step, and a connection being opened, which cannot be cut short.
  CHECK(took < options.write_deadline + options.connect_timeout * 2 + 500ms);
  REQUIRE(created_persistently(*db, new_booking()));
}

TEST_CASE("Writes go to the node that takes them, and follow when it changes",
          "[store][mariadb][faults]") {
  auto options = test_options();
  const auto primary = options.nodes.front();
  const auto replica = replica_node();
  options.nodes = {replica, primary};
  const auto db = ready_store(options);
  const auto mark = unique_name("moved ");
  auto command = new_booking();
  command.request.name = mark;
  REQUIRE(created_persistently(*db, command));
  CHECK(count(kBookingsNamed, mark) == 1);

  auto at_primary = root_session(primary);
  auto at_replica = root_session(replica);
  at_primary->run("SET GLOBAL read_only = 1");
  CHECK(eventually([&] { return !db->readiness().writable; }));
  CHECK(db->readiness().reachable);
  CHECK(await<CreateOutcome>(db->create_booking(new_booking())).has_error());

  at_replica->run("SET GLOBAL read_only = 0");
  CHECK(eventually([&] { return db->readiness().ready(); }));
  command = new_booking();
  command.request.name = mark;
  REQUIRE(created_persistently(*db, command));
  CHECK(at_replica->query(kBookingsNamed, {mark}).at(0).integer(0) == 1);
  CHECK(at_primary->query(kBookingsNamed, {mark}).at(0).integer(0) == 1);

  at_replica->run("SET GLOBAL read_only = 1");
  at_primary->run("SET GLOBAL read_only = 0");
  CHECK(eventually([&] { return db->readiness().ready(); }));
}

TEST_CASE("A node of an epoch that is over is not written to, though it would take it",
          "[store][mariadb][faults]") {
  auto options = test_options();
  options.nodes.push_back(replica_node());
  const auto old = root_session(options.nodes[0]);
  const auto fresh = root_session(options.nodes[1]);
  const auto server_of = [](store::Session& node) {
    return node.query("SELECT @@global.server_id", {}).at(0).integer(0);
  };
  for (auto* node : {old.get(), fresh.get()}) {
    node->run("CREATE DATABASE mainstay");
    node->run(
        "CREATE TABLE mainstay.cluster_epoch (epoch BIGINT NOT NULL PRIMARY KEY, writer_id INTEGER "
        "NOT NULL)");
    node->run("GRANT SELECT ON mainstay.* TO '" + options.user + "'@'%'");
    node->execute("INSERT INTO mainstay.cluster_epoch VALUES (1, ?)", {server_of(*old)});
  }
  const auto db = ready_store(options);
  const auto mark = unique_name("epoch ");
  const auto book = [&] {
    auto command = new_booking();
    command.request.name = mark;
    return await<CreateOutcome>(db->create_booking(command)).has_value();
  };
  const auto kept_by = [&](store::Session& node) {
    return node.query(kBookingsNamed, {mark}).at(0).integer(0);
  };
  CHECK(book());
  CHECK(kept_by(*old) == 1);

  // The pair moves on; the old primary comes back and has not been told.
  fresh->execute("INSERT INTO mainstay.cluster_epoch VALUES (2, ?)", {server_of(*fresh)});
  old->run("SET GLOBAL read_only = 1");
  fresh->run("SET GLOBAL read_only = 0");
  CHECK(book());
  CHECK(kept_by(*fresh) == 1);
  old->run("SET GLOBAL read_only = 0");
  fresh->run("SET GLOBAL read_only = 1");
  CHECK_FALSE(book());
  CHECK(kept_by(*old) == 1);
  CHECK(eventually([&] {
    const auto reasons = db->readiness().reasons;
    return std::ranges::any_of(reasons, [](const auto& reason) {
      return reason.find("no primary any more") != std::string::npos;
    });
  }));
  for (auto* node : {old.get(), fresh.get()}) node->run("DROP DATABASE mainstay");
}

TEST_CASE("A write is held while no node takes it, and made when one does",
          "[store][mariadb][faults]") {
  auto options = test_options();
  options.write_deadline = 10s;
  const auto db = ready_store(options);
  auto root = root_session(options.nodes.front());
  root->run("SET GLOBAL read_only = 1");
  std::vector<store::Awaitable<CreateOutcome>> operations;
  for (int i = 0; i < 50; ++i) operations.push_back(db->create_booking(new_booking()));
  std::jthread opener{[&] {
    eventually([&] { return !db->readiness().writable; });
    root->run("SET GLOBAL read_only = 0");
  }};
  for (const auto& outcome : await_all<CreateOutcome>(std::move(operations))) {
    REQUIRE(outcome);
    CHECK(std::holds_alternative<store::Created>(*outcome));
  }
  opener.join();
  CHECK(eventually([&] { return db->readiness().ready(); }));
}

TEST_CASE("What the queue cannot hold is refused at once", "[store][mariadb][faults]") {
  auto options = test_options();
  options.connections = 1;
  options.queue = 2;
  const auto db = ready_store(options);
  const auto held = new_booking();
  REQUIRE(created_persistently(*db, held));
  auto root = root_session(options.nodes.front());
  root->run("START TRANSACTION");
  root->query("SELECT * FROM idempotency WHERE idempotency_key = ? FOR UPDATE",
              {store::Blob{held.idempotency_key}});
  std::vector<store::Awaitable<CreateOutcome>> operations;
  for (int i = 0; i < 10; ++i) operations.push_back(db->create_booking(held));
  const auto outcomes = await_all<CreateOutcome>(std::move(operations));
  root->run("ROLLBACK");
  int overloaded = 0;
  for (const auto& outcome : outcomes)
    overloaded += outcome.has_error() && outcome.error() == Errc::Overloaded ? 1 : 0;
  CHECK(overloaded >= 7);  // ten less one running and two waiting
  CHECK(db->statistics().overloaded >= 7);
}

TEST_CASE("A store that closes answers everybody", "[store][mariadb][faults]") {
  auto options = test_options();
  options.connections = 1;
  auto db = ready_store(options);
  boost::asio::io_context io;
  std::vector<std::optional<common::Result<CreateOutcome>>> kept(20);
  for (auto& one : kept)
    boost::asio::co_spawn(io, keep<CreateOutcome>(db->create_booking(new_booking()), one),
                          boost::asio::detached);
  io.poll();  // all of them are under way
  db.reset();
  io.run();
  for (const auto& one : kept) REQUIRE(one.has_value());
  CHECK(kept.back()->has_error());
  CHECK(kept.back()->error() == Errc::Unavailable);
}
