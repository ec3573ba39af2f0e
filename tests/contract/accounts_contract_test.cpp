#include "app/store/shown_version.hpp"
#include "tests/contract/store_fixture.hpp"
#include "tests/support/catch.hpp"

#include <set>

using namespace booking;
using namespace std::chrono_literals;
using store::AccountOutcome;
using store::AccountRefusal;
using store::Outcome;
using store::Role;

namespace {

const store::Actor kActor{"owner", "192.0.2.7"};

/// Microseconds, so that a time can be found again in either database.
common::WallTime now() { return common::wall_now(); }

bool await_done(store::Awaitable<store::Keyed<Outcome>> operation) {
  const auto outcome = await<store::Keyed<Outcome>>(std::move(operation));
  REQUIRE(outcome);
  return std::get<Outcome>(*outcome) == Outcome::Done;
}

bool await_done(store::Awaitable<Outcome> operation) {
  const auto outcome = await<Outcome>(std::move(operation));
  REQUIRE(outcome);
  return *outcome == Outcome::Done;
}

store::TokenHash random_hash() {
  store::TokenHash hash{};
  for (auto& octet : hash) octet = static_cast<std::uint8_t>(store::system_entropy());
  return hash;
}

store::AdminSession session_of(const std::string& username, common::WallTime at) {
  return {.token_hash = random_hash(),
          .username = username,
          .created = at,
          .expires = at + 12h,
          .address = "192.0.2.7",
          .agent = "Firefox",
          .verified = at,
          .role = std::nullopt};
}

std::string add(store::Accounts& accounts, Role role) {
  const auto username = unique_name("user-");
  REQUIRE(await_done(accounts.add_account({username, "$argon2id$1", role, false, now()}, kActor)));
  return username;
}

store::AccountOutcome change(store::Accounts& accounts, store::AccountChange what) {
  what.actor = kActor;
  what.now = now();
  const auto outcome = await<AccountOutcome>(accounts.change_account(what));
  REQUIRE(outcome);
  return *outcome;
}

/// What a change of it tells that went well.
AccountOutcome version_now(store::Accounts& accounts, const std::string& username) {
  return version_of(
      await<std::optional<store::Account>>(accounts.find_account(username)).value().value());
}

std::optional<store::AdminSession> find(store::Accounts& accounts, const store::TokenHash& hash,
                                        common::WallTime at) {
  const auto found = await<std::optional<store::AdminSession>>(accounts.find_session(hash, at));
  REQUIRE(found);
  return *found;
}

std::int64_t audited(const std::string& action, const std::string& subject) {
  return other_session()
      ->query("SELECT COUNT(*) FROM audit_log WHERE action = ? AND subject = ?", {action, subject})
      .at(0)
      .integer(0);
}

}  // namespace

TEST_CASE("A session is found until it expires or is deleted", "[store]") {
  const auto db = any_store();
  auto& accounts = db->accounts();
  const auto begun = now();
  const auto username = unique_name("session-");
  const auto session = session_of(username, begun);
  REQUIRE(await<store::Done>(accounts.create_session(session, kActor)));

  const auto found = find(accounts, session.token_hash, begun + 1h);
  REQUIRE(found);
  CHECK(found->username == username);
  CHECK(found->expires == begun + 12h);
  CHECK(found->agent == "Firefox");
  CHECK_FALSE(found->role);  // an account of the configuration, or none
  CHECK_FALSE(find(accounts, session.token_hash, begun + 12h));

  REQUIRE(await<store::Done>(accounts.verify_session(session.token_hash, kActor, begun + 1h)));
  CHECK(find(accounts, session.token_hash, begun + 1h)->verified == begun + 1h);

  const auto remove = [&](std::optional<std::string> of) {
    return await_done(accounts.delete_session(session.token_hash, of, kActor, now()));
  };
  CHECK_FALSE(remove("somebody"));  // not theirs
  CHECK(find(accounts, session.token_hash, begun));
  CHECK(remove(username));
  CHECK_FALSE(remove(username));
  CHECK_FALSE(find(accounts, session.token_hash, begun));
  CHECK(audited("session.delete", username) == 1);
}

TEST_CASE("Sessions are listed by account, and end when it changes", "[store]") {
  const auto db = any_store();
  auto& accounts = db->accounts();
  const auto username = add(accounts, Role::Staff);
  const auto begun = now();
  const auto first = session_of(username, begun);
  const auto second = session_of(username, begun + 1s);
  REQUIRE(await<store::Done>(accounts.create_session(first, kActor)));
  REQUIRE(await<store::Done>(accounts.create_session(second, kActor)));
  const auto list =
      await<std::vector<store::AdminSession>>(accounts.list_sessions(username, begun));
  REQUIRE(list);
  REQUIRE(list->size() == 2);
  CHECK(list->front().token_hash == second.token_hash);
  CHECK(list->front().role == Role::Staff);

  const auto told = change(accounts, {.username = username,
                                      .password_hash = "$argon2id$2",
                                      .role = std::nullopt,
                                      .disabled = std::nullopt,
                                      .actor = {},
                                      .now = {}});
  CHECK(told == version_now(accounts, username));
  CHECK_FALSE(find(accounts, first.token_hash, begun));
  CHECK(await<std::optional<store::Account>>(accounts.find_account(username))
            ->value()
            .password_hash == "$argon2id$2");
  CHECK(audited("account.change", username) == 1);
}

TEST_CASE("A name is given once, and a session of a disabled account has no role", "[store]") {
  const auto db = any_store();
  auto& accounts = db->accounts();
  const auto username = add(accounts, Role::Owner);
  CHECK_FALSE(await_done(
      accounts.add_account({username, "$argon2id$x", Role::Staff, false, now()}, kActor)));
  add(accounts, Role::Owner);  // another one, so that this one may go
  const auto told = change(accounts, {.username = username,
                                      .password_hash = std::nullopt,
                                      .role = std::nullopt,
                                      .disabled = true,
                                      .actor = {},
                                      .now = {}});
  CHECK(told == version_now(accounts, username));
  const auto session = session_of(username, now());
  REQUIRE(await<store::Done>(accounts.create_session(session, kActor)));
  CHECK_FALSE(find(accounts, session.token_hash, now())->role);
  CHECK(change(accounts, {.username = unique_name("nobody-"),
                          .password_hash = std::nullopt,
                          .role = Role::Owner,
                          .disabled = std::nullopt,
                          .actor = {},
                          .now = {}}) == AccountOutcome{AccountRefusal::NotFound});
}

TEST_CASE("Of two who change the account they saw one is first, and the other one is told",
          "[store]") {
  const auto db = any_store();
  auto& accounts = db->accounts();
  add(accounts, Role::Owner);  // so that this one need not stay
  const auto username = add(accounts, Role::Staff);
  const auto read = [&] {
    return await<std::optional<store::Account>>(accounts.find_account(username)).value().value();
  };
  const auto shown = version_of(read());
  const auto command = [&](std::optional<Role> role, std::optional<bool> disabled) {
    return store::AccountChange{.username = username,
                                .password_hash = std::nullopt,
                                .role = role,
                                .disabled = disabled,
                                .version = shown,
                                .actor = kActor,
                                .now = now()};
  };
  std::vector<store::Awaitable<AccountOutcome>> both;
  both.push_back(accounts.change_account(command(Role::Owner, std::nullopt)));
  both.push_back(accounts.change_account(command(std::nullopt, true)));
  std::multiset<AccountOutcome> outcomes;
  for (const auto& result : await_all<AccountOutcome>(std::move(both))) {
    REQUIRE(result);
    outcomes.insert(*result);
  }
  CHECK(outcomes == std::multiset<AccountOutcome>{version_of(read()), AccountRefusal::Stale});
  CHECK((read().role == Role::Owner) != read().disabled);
  CHECK(audited("account.change", username) == 1);

  // Another password is another account, although nobody is shown it.
  auto renewed = command(std::nullopt, std::nullopt);
  renewed.version = version_of(read());
  renewed.password_hash = "$argon2id$3";
  const auto told = change(accounts, renewed);
  CHECK(told == version_now(accounts, username));
  CHECK(told != AccountOutcome{*renewed.version});
  CHECK(change(accounts, renewed) == told);  // it is so already
  renewed.password_hash = "$argon2id$4";
  CHECK(change(accounts, renewed) == AccountOutcome{AccountRefusal::Stale});
}

TEST_CASE("Two owners who disable each other at once leave one", "[store]") {
  const auto db = any_store();
  auto& accounts = db->accounts();
  for (const auto& account : *await<std::vector<store::Account>>(accounts.list_accounts()))
    other_session()->execute("DELETE FROM admin_account WHERE username = ?", {account.username});
  const std::vector<std::string> names{add(accounts, Role::Owner), add(accounts, Role::Owner)};
  std::vector<store::Awaitable<AccountOutcome>> operations;
  for (const auto& name : names)
    operations.push_back(accounts.change_account({.username = name,
                                                  .password_hash = std::nullopt,
                                                  .role = std::nullopt,
                                                  .disabled = true,
                                                  .actor = kActor,
                                                  .now = now()}));
  std::multiset<AccountOutcome> outcomes;
  for (const auto& result : await_all<AccountOutcome>(std::move(operations))) {
    REQUIRE(result);
    outcomes.insert(*result);
  }
  CHECK(outcomes.count(AccountRefusal::LastOwner) == 1);
  CHECK(std::holds_alternative<std::int64_t>(*outcomes.begin()));
}

TEST_CASE("A second factor asks for nothing before it is confirmed, and its codes open once",
          "[store]") {
  const auto db = any_store();
  auto& accounts = db->accounts();
  const auto username = unique_name("factor-");
  const auto read = [&] {
    return await<std::optional<store::SecondFactor>>(accounts.find_second_factor(username)).value();
  };
  std::array<std::uint8_t, 20> secret{};
  secret.fill(7);
  CHECK_FALSE(read());
  CHECK(await_done(accounts.begin_second_factor(username, {}, once("factor"))));
  CHECK(await_done(accounts.begin_second_factor(username, secret, once("factor"))));
  CHECK(read()->secret == secret);
  CHECK_FALSE(read()->confirmed);

  const auto code = random_hash();
  const auto use = [&](std::int64_t step, std::optional<store::TokenHash> recovery) {
    return store::UseFactor{username, step, recovery, kActor, now()};
  };
  CHECK(await_done(
      accounts.confirm_second_factor(use(100, {}), {code, random_hash()}, once("confirm"))));
  CHECK(read()->confirmed);
  CHECK(read()->recovery_codes == 2);
  CHECK_FALSE(await_done(accounts.begin_second_factor(username, {}, once("factor"))));

  std::vector<store::Awaitable<Outcome>> at_once;
  for (int i = 0; i < 10; ++i) at_once.push_back(accounts.use_second_factor(use(101, {})));
  int opened = 0;
  for (const auto& result : await_all<Outcome>(std::move(at_once)))
    opened += result.value() == Outcome::Done ? 1 : 0;
  CHECK(opened == 1);
  CHECK_FALSE(await_done(accounts.use_second_factor(use(100, {}))));

  CHECK(await_done(accounts.use_second_factor(use(0, code))));
  CHECK_FALSE(await_done(accounts.use_second_factor(use(0, code))));
  CHECK(read()->recovery_codes == 1);
  CHECK(audited("second_factor.recover", username) == 1);

  REQUIRE(await<store::Done>(accounts.remove_second_factor(username, kActor, now())));
  CHECK_FALSE(read());
}

TEST_CASE("A change under a key is made once and told again", "[store]") {
  const auto db = any_store();
  auto& accounts = db->accounts();
  const auto name = unique_name("once-");
  const store::Account account{name, "$argon2id$1", Role::Staff, false, now()};
  const auto add_once = [&](const store::Once& with) {
    return await<store::Keyed<Outcome>>(accounts.add_account_once(account, kActor, with)).value();
  };
  const auto with = once("add " + name, "a secret told once");
  CHECK(std::get<Outcome>(add_once(with)) == Outcome::Done);
  const auto again = add_once(with);
  REQUIRE(std::holds_alternative<store::Replay>(again));
  CHECK(std::get<store::Replay>(again).body == "a secret told once");
  CHECK(audited("account.add", name) == 1);

  auto other = with;
  other.request += "!";
  CHECK(std::get<store::KeyRefusal>(add_once(other)) == store::KeyRefusal::Mismatch);
  const auto recalled = await<std::optional<std::variant<store::Replay, store::KeyRefusal>>>(
      db->office().recall(with));
  REQUIRE(recalled);
  REQUIRE(*recalled);
  CHECK(std::get<store::Replay>(**recalled).status == with.status);

  // What is refused keeps no key, and a key's time ends. Another hash: the same once more is taken
  // for what was committed without an answer.
  auto taken = account;
  taken.password_hash = "$argon2id$2";
  const auto add_taken = [&](const store::Once& under) {
    return await<store::Keyed<Outcome>>(accounts.add_account_once(taken, kActor, under)).value();
  };
  const auto refused = once("add again " + name);
  CHECK(std::get<Outcome>(add_taken(refused)) == Outcome::Refused);
  CHECK(std::get<Outcome>(add_taken(refused)) == Outcome::Refused);
  auto later = with;
  later.now += core::kIdempotencyLifetime;
  CHECK(std::get<Outcome>(add_taken(later)) == Outcome::Refused);  // asked anew, not told again

  const auto stored = other_session()->query("SELECT body FROM answered_request WHERE status = ?",
                                             {std::int64_t{with.status}});
  for (const auto& row : stored) CHECK(row.text(0).find("secret") == std::string::npos);
}

TEST_CASE("Many requests with one key make one change", "[store]") {
  const auto db = any_store();
  const auto name = unique_name("crowd-");
  const store::Account account{name, "$argon2id$1", Role::Staff, false, now()};
  const auto with = once("crowd " + name, "answer");
  std::vector<store::Awaitable<store::Keyed<Outcome>>> operations;
  for (int i = 0; i < 10; ++i)
    operations.push_back(db->accounts().add_account_once(account, kActor, with));
  int made = 0;
  for (const auto& result : await_all<store::Keyed<Outcome>>(std::move(operations))) {
    REQUIRE(result);
    if (const auto* outcome = std::get_if<Outcome>(&*result))
      made += *outcome == Outcome::Done ? 1 : 0;
    else if (const auto* replay = std::get_if<store::Replay>(&*result))
      CHECK(replay->body == "answer");
    else
      CHECK(std::get<store::KeyRefusal>(*result) == store::KeyRefusal::Running);
  }
  CHECK(made == 1);
  CHECK(audited("account.add", name) == 1);
}
