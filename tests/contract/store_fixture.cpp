#include "tests/contract/store_fixture.hpp"

#include "app/store/fingerprint.hpp"
#include "app/store/sqlite_session.hpp"
#include "tests/support/catch.hpp"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <thread>

using namespace booking;

namespace {

const std::vector<store::Channel> kChannels{store::Channel::Slack, store::Channel::Webhook,
                                            store::Channel::Text};

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr) {
    std::fprintf(stderr,
                 "%s is not set: these tests need a database. tests/system/booking_store_test.py "
                 "raises one and runs them.\n",
                 name);
    std::exit(2);
  }
  return value;
}

std::vector<std::string> parts_of(const std::string& text) {
  std::vector<std::string> parts;
  std::istringstream stream{text};
  for (std::string part; std::getline(stream, part, ',');) parts.push_back(part);
  return parts;
}

}  // namespace

std::optional<std::string> database_file() {
  constexpr std::string_view kScheme = "sqlite:";
  auto named = environment("MAINSTAY_DB");
  if (!named.starts_with(kScheme)) return std::nullopt;
  return named.substr(kScheme.size());
}

store::MariadbOptions test_options() {
  const auto parts = parts_of(environment("MAINSTAY_DB"));
  const auto node = common::SocketAddress::parse(parts.at(0));
  REQUIRE(node);
  store::MariadbOptions options;
  options.nodes = {*node};
  options.user = parts.at(1);
  options.password = parts.at(2);
  options.database = parts.at(3);
  options.probe_interval = std::chrono::milliseconds{100};
  options.write_deadline = options.deadline;
  options.channels = kChannels;
  return options;
}

common::SocketAddress replica_node() {
  return common::SocketAddress::parse(environment("MAINSTAY_DB_REPLICA")).value();
}

privacy::KeyRing test_keys() {
  privacy::KeyRing ring;
  ring.keys[1].fill(0x11);
  ring.active = 1;
  ring.index.fill(0x77);
  return ring;
}

privacy::Vault test_vault() { return privacy::Vault{test_keys()}; }

std::unique_ptr<store::Session> root_session(const common::SocketAddress& node) {
  const auto parts = parts_of(environment("MAINSTAY_DB_ROOT"));
  auto options = test_options();
  options.user = parts.at(0);
  options.password = parts.at(1);
  return std::make_unique<store::MariadbSession>(node, options);
}

std::unique_ptr<store::Session> other_session() {
  if (const auto file = database_file()) return std::make_unique<store::SqliteSession>(*file);
  return root_session(test_options().nodes.front());
}

int primary_pid() {
  int pid = 0;
  std::ifstream{environment("MAINSTAY_DB_PIDFILE")} >> pid;
  REQUIRE(pid > 1);
  return pid;
}

void start_primary() { REQUIRE(std::system(environment("MAINSTAY_DB_START").c_str()) == 0); }

bool eventually(const std::function<bool()>& condition, std::chrono::milliseconds limit) {
  const auto end = common::Clock::now() + limit;
  while (!condition()) {
    if (common::Clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
  }
  return true;
}

std::unique_ptr<store::Store> ready_store(store::MariadbOptions options,
                                          store::EntropySource entropy) {
  auto opened = store::open_mariadb_store(std::move(options), test_vault(), std::move(entropy));
  const bool ready = eventually([&] { return opened->readiness().ready(); });
  const auto readiness = opened->readiness();
  INFO((readiness.reasons.empty() ? std::string{} : readiness.reasons.front()));
  REQUIRE(ready);
  return opened;
}

namespace {

std::unique_ptr<store::Store> store_on_either(store::EntropySource entropy) {
  const auto file = database_file();
  if (!file) return ready_store(test_options(), std::move(entropy));
  store::SqliteOptions options;
  options.file = *file;
  options.channels = kChannels;
  return store::open_sqlite_store(std::move(options), test_vault(), std::move(entropy));
}

}  // namespace

std::unique_ptr<store::Store> any_store(store::EntropySource entropy) {
  // The calendar by entropy of its own: a test may count what its store draws.
  set_calendar(*store_on_either(store::system_entropy), open_calendar());
  return store_on_either(std::move(entropy));
}

core::CalendarRules open_calendar() {
  using namespace std::chrono_literals;
  core::CalendarRules rules;
  rules.week.fill(core::WorkingDay{{0h, 24h}, std::nullopt});
  rules.rests_on_holidays = false;
  rules.lead_time = 0min;
  rules.horizon = std::chrono::days{36500};
  rules.travel = 0min;
  return rules;
}

void set_calendar(store::Store& store, const core::CalendarRules& rules) {
  store::CalendarChange change{rules, std::nullopt, {"test", "192.0.2.7"}, common::wall_now()};
  const auto set = await<store::CalendarOutcome>(store.office().set_calendar(std::move(change)));
  REQUIRE(set);
  REQUIRE(std::holds_alternative<std::int64_t>(*set));
}

store::Once once(const std::string& request, const std::string& body) {
  return {.key = unique_name("key-"),
          .request = request,
          .status = 200,
          .body = body,
          .now = common::wall_now()};
}

common::Result<std::optional<booking::core::Booking>> look_up(
    booking::store::Store& store, const booking::core::BookingNumber& number,
    const booking::core::Phone& phone) {
  booking::store::GuestLook look{.subjects = {"lookup-address:none", "lookup-phone:none"},
                                 .may = [](const auto&) { return true; },
                                 .number = number,
                                 .phone = phone};
  auto looked = await<booking::store::Looked>(store.look_up(std::move(look)));
  if (!looked) return looked.error();
  if (!looked->found) return std::optional<booking::core::Booking>{};
  return std::optional{std::move(looked->found->booking)};
}

std::string noted(const std::string& action, const std::string& subject) {
  const auto rows = other_session()->query(
      "SELECT detail FROM audit_log WHERE action = ? AND subject = ? ORDER BY sequence DESC LIMIT "
      "1",
      {action, subject});
  return rows.empty() ? std::string{} : rows.front().text(0);
}

std::string unique_name(const std::string& prefix) {
  return prefix + std::to_string(store::system_entropy());
}

core::BookingNumber write_another(store::Session& session, const core::BookingNumber& booking) {
  auto number = core::BookingNumber::from_entropy(store::system_entropy());
  session.run("START TRANSACTION");
  session.execute(
      "INSERT INTO booking (id, number, customer_id, status, service, description, address, "
      "address_sealed, key_id, contact_name, version, created_us, updated_us, urgent) SELECT "
      "UNHEX(REVERSE(HEX(id))), ?, customer_id, status, service, '', '', NULL, key_id, '', 1, "
      "created_us, updated_us, urgent FROM booking WHERE number = ?",
      {number.text(), booking.text()});
  return number;
}

core::Booking make_booking(store::Store& db, const store::CreateBooking& command) {
  const auto made = await<store::CreateOutcome>(db.create_booking(command));
  REQUIRE(made);
  const auto& number = std::get<store::Created>(*made).receipt.number;
  const auto found = await<std::optional<core::Booking>>(db.office().booking(number));
  REQUIRE(found);
  REQUIRE(*found);
  return **found;
}

store::CreateBooking new_booking(const std::string& key) {
  const auto digits = std::to_string(10'000'000 + store::system_entropy() % 90'000'000);
  const auto now = common::wall_now();
  core::BookingRequest request{
      core::Service::Leak,
      "부엌 수도꼭지에서 물이 샙니다 🚰",
      "서울시 마포구 와우산로 1",
      "301호",
      "홍길동",
      core::Phone::parse("010" + digits).value(),
      {{core::seoul_date(now), core::DayPart::Morning},
       {core::seoul_date(now + std::chrono::days{1}), core::DayPart::Any}}};
  auto print = store::fingerprint(request);
  return {std::move(request), key.empty() ? unique_name("key-") : key, print, now};
}
