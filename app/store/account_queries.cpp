#include "app/store/account_queries.hpp"

#include "app/store/admin_queries.hpp"
#include "app/store/row_values.hpp"
#include "app/store/sealed_values.hpp"
#include "app/store/sha256.hpp"
#include "app/store/shown_version.hpp"

#include <algorithm>

namespace booking::store {
namespace {

constexpr std::int64_t number(Role role) { return static_cast<std::int64_t>(role); }
std::int64_t number(bool truth) { return truth ? 1 : 0; }
std::string_view word(Role role) { return role == Role::Owner ? "owner" : "staff"; }

Account account_of(const Row& row) {
  return {row.text(0), row.text(1), static_cast<Role>(row.integer(2)), row.integer(3) != 0,
          wall_time(row.integer(4))};
}

/// A session and the account it belongs to, as far as the database knows it.
AdminSession session_of(const Row& row) {
  AdminSession session{.token_hash = octets_of<32>(row.text(0)),
                       .username = row.text(1),
                       .created = wall_time(row.integer(2)),
                       .expires = wall_time(row.integer(3)),
                       .address = row.text(4),
                       .agent = row.text(5),
                       .verified = wall_time(row.integer(6)),
                       .role = std::nullopt};
  if (!row.is_null(7) && row.integer(8) == 0) session.role = static_cast<Role>(row.integer(7));
  return session;
}

/// What a sealed secret is bound to, where the row has a name for a key.
core::BookingId row_of(const std::string& username) {
  core::BookingId row{};
  const auto hash = sha256(username);
  std::copy_n(hash.begin(), row.size(), row.begin());
  return row;
}

#define MAINSTAY_SESSIONS                                                                \
  "SELECT s.token_hash, s.username, s.created_us, s.expires_us, s.address, s.agent, "    \
  "s.verified_us, a.role, a.disabled FROM admin_session s LEFT JOIN admin_account a ON " \
  "a.username = s.username "

/// Whether an owner who may log in stays when `username` does not count.
bool another_owner(Session& db, const std::string& username) {
  return !db.query(
                "SELECT username FROM admin_account WHERE role = 1 AND disabled = 0 AND username "
                "<> ? LIMIT 1",
                {username})
              .empty();
}

}  // namespace

std::optional<Account> find_account(Session& db, const std::string& username) {
  const auto rows = db.query(
      "SELECT username, password_hash, role, disabled, created_us FROM admin_account WHERE "
      "username = ?",
      {username});
  if (rows.empty()) return std::nullopt;
  return account_of(rows.front());
}

std::vector<Account> list_accounts(Session& db) {
  std::vector<Account> accounts;
  for (const auto& row : db.query(
           "SELECT username, password_hash, role, disabled, created_us FROM admin_account ORDER "
           "BY username"))
    accounts.push_back(account_of(row));
  return accounts;
}

bool add_account(Session& db, const Account& account, const Actor& actor,
                 const EntropySource& entropy) {
  if (!db.insert("INSERT INTO admin_account (username, password_hash, role, disabled, created_us) "
                 "VALUES (?, ?, ?, ?, ?)",
                 {account.username, account.password_hash, number(account.role),
                  number(account.disabled), micros(account.created)})) {
    const auto there = find_account(db, account.username);
    return there && there->password_hash == account.password_hash;  // salted: it was this call
  }
  write_audit(db, actor, account.created, "account.add", account.username,
              std::string{word(account.role)}, entropy);
  return true;
}

Ending change_account(Session& db, const AccountChange& change, const EntropySource& entropy,
                      std::optional<AccountOutcome>& out) {
  // One at a time, and before the first look: of two owners who disable each other at once one is
  // left, and of two who change the same account one is first.
  hold_audit(db);
  const auto before = find_account(db, change.username);
  if (!before) {
    out = AccountRefusal::NotFound;
    return Ending::RollBack;
  }
  auto after = *before;
  if (change.password_hash) after.password_hash = *change.password_hash;
  if (change.role) after.role = *change.role;
  if (change.disabled) after.disabled = *change.disabled;
  out = version_of(after);
  // As is wanted already, most likely by this very request (RFC 9110 §13.1.1).
  if (version_of(*before) == version_of(after)) return Ending::RollBack;
  if (change.version && *change.version != version_of(*before)) {
    out = AccountRefusal::Stale;
    return Ending::RollBack;
  }
  const bool was_owner = before->role == Role::Owner && !before->disabled;
  const bool is_owner = after.role == Role::Owner && !after.disabled;
  db.execute(
      "UPDATE admin_account SET password_hash = ?, role = ?, disabled = ? WHERE username = ?",
      {after.password_hash, number(after.role), number(after.disabled), change.username});
  if (was_owner && !is_owner && !another_owner(db, change.username)) {
    out = AccountRefusal::LastOwner;
    return Ending::RollBack;
  }
  db.execute("DELETE FROM admin_session WHERE username = ?", {change.username});
  std::string detail;
  if (change.password_hash) detail += "password ";
  if (change.role)
    detail += std::string{word(before->role)} + " -> " + std::string{word(after.role)} + ' ';
  if (change.disabled) detail += after.disabled ? "disabled " : "enabled ";
  if (!detail.empty()) detail.pop_back();
  write_audit(db, change.actor, change.now, "account.change", change.username, detail, entropy);
  return Ending::Commit;
}

std::optional<SecondFactor> find_second_factor(Session& db, const std::string& username,
                                               const privacy::Vault& vault) {
  const auto rows = db.query(
      "SELECT secret, confirmed_us, last_step FROM second_factor WHERE username = ?", {username});
  if (rows.empty()) return std::nullopt;
  const auto& row = rows.front();
  const auto codes = db.query("SELECT COUNT(*) FROM recovery_code WHERE username = ?", {username});
  const auto secret = unseal(vault, kFactorColumn, row_of(username), row.text(0));
  return SecondFactor{octets_of<20>(secret), !row.is_null(1), row.integer(2),
                      static_cast<std::size_t>(codes.front().integer(0))};
}

bool begin_second_factor(Session& db, const std::string& username,
                         const std::array<std::uint8_t, 20>& secret, const privacy::Vault& vault) {
  const auto sealed =
      seal(vault, kFactorColumn, row_of(username), std::string{secret.begin(), secret.end()});
  if (db.insert("INSERT INTO second_factor (username, secret, confirmed_us, last_step) VALUES (?, "
                "?, NULL, 0)",
                {username, sealed}))
    return true;
  return db.execute(
             "UPDATE second_factor SET secret = ? WHERE username = ? AND confirmed_us IS NULL",
             {sealed, username}) > 0;
}

std::size_t reseal_factors(Session& db, const privacy::Vault& vault) {
  std::size_t changed = 0;
  for (const auto& row : db.query("SELECT username, secret FROM second_factor", {}))
    if (auto anew = sealed_anew(vault, kFactorColumn, row_of(row.text(0)), row.text(1)))
      changed += db.execute("UPDATE second_factor SET secret = ? WHERE username = ? AND secret = ?",
                            {std::move(*anew), row.text(0), row.text(1)});
  return changed;
}

bool confirm_second_factor(Session& db, const UseFactor& with, const std::vector<TokenHash>& codes,
                           const Attempt& attempt, const EntropySource& entropy) {
  const auto confirmed = db.execute(
      "UPDATE second_factor SET confirmed_us = ?, last_step = ? WHERE username = ? AND "
      "confirmed_us IS NULL",
      {micros(with.now), with.step, with.username});
  if (confirmed == 0) return attempt.maybe_committed;
  db.execute("DELETE FROM recovery_code WHERE username = ?", {with.username});
  for (const auto& code : codes)
    db.execute("INSERT INTO recovery_code (username, code_hash) VALUES (?, ?)",
               {with.username, blob(code)});
  write_audit(db, with.actor, with.now, "second_factor.confirm", with.username, "", entropy);
  return true;
}

void remove_second_factor(Session& db, const std::string& username, const Actor& actor,
                          common::WallTime now, const EntropySource& entropy) {
  db.execute("DELETE FROM recovery_code WHERE username = ?", {username});
  if (db.execute("DELETE FROM second_factor WHERE username = ?", {username}) > 0)
    write_audit(db, actor, now, "second_factor.remove", username, "", entropy);
}

bool use_second_factor(Session& db, const UseFactor& use, const Attempt& attempt,
                       const EntropySource& entropy) {
  if (!use.recovery) {
    const auto used =
        db.execute("UPDATE second_factor SET last_step = ? WHERE username = ? AND last_step < ?",
                   {use.step, use.username, use.step});
    return used > 0 || attempt.maybe_committed;
  }
  if (db.execute("DELETE FROM recovery_code WHERE username = ? AND code_hash = ?",
                 {use.username, blob(*use.recovery)}) == 0)
    return attempt.maybe_committed;
  write_audit(db, use.actor, use.now, "second_factor.recover", use.username, "", entropy);
  return true;
}

void create_session(Session& db, const AdminSession& session, const Actor& actor,
                    const EntropySource& entropy) {
  if (!db.insert(
          "INSERT INTO admin_session (token_hash, username, created_us, expires_us, "
          "address, agent, verified_us) VALUES (?, ?, ?, ?, ?, ?, ?)",
          {blob(session.token_hash), session.username, micros(session.created),
           micros(session.expires), session.address, session.agent, micros(session.verified)}))
    return;
  db.execute("DELETE FROM admin_session WHERE expires_us < ?", {micros(session.created)});
  write_audit(db, actor, session.created, "session.create", session.username, "", entropy);
}

std::optional<AdminSession> find_session(Session& db, const TokenHash& hash, common::WallTime now) {
  const auto rows = db.query(MAINSTAY_SESSIONS "WHERE s.token_hash = ? AND s.expires_us > ?",
                             {blob(hash), micros(now)});
  if (rows.empty()) return std::nullopt;
  return session_of(rows.front());
}

std::vector<AdminSession> list_sessions(Session& db, const std::optional<std::string>& username,
                                        common::WallTime now) {
  constexpr const char* kAll =
      MAINSTAY_SESSIONS "WHERE s.expires_us > ? ORDER BY s.created_us DESC LIMIT 200";
  constexpr const char* kOfOne = MAINSTAY_SESSIONS
      "WHERE s.expires_us > ? AND s.username = ? ORDER BY s.created_us DESC LIMIT 200";
  std::vector<Parameter> parameters{micros(now)};
  if (username) parameters.emplace_back(*username);
  std::vector<AdminSession> sessions;
  for (const auto& row : db.query(username ? kOfOne : kAll, parameters))
    sessions.push_back(session_of(row));
  return sessions;
}

bool delete_session(Session& db, const TokenHash& hash, const std::optional<std::string>& username,
                    const Attempt& attempt, const Actor& actor, common::WallTime now,
                    const EntropySource& entropy) {
  const auto rows =
      db.query("SELECT username FROM admin_session WHERE token_hash = ?", {blob(hash)});
  if (rows.empty()) return attempt.maybe_committed;
  const auto owner = rows.front().text(0);
  if (username && owner != *username) return false;
  db.execute("DELETE FROM admin_session WHERE token_hash = ?", {blob(hash)});
  write_audit(db, actor, now, "session.delete", owner, "", entropy);
  return true;
}

void verify_session(Session& db, const TokenHash& hash, const Actor& actor, common::WallTime now,
                    const EntropySource& entropy) {
  if (db.execute("UPDATE admin_session SET verified_us = ? WHERE token_hash = ?",
                 {micros(now), blob(hash)}) > 0)
    write_audit(db, actor, now, "session.verify", actor.name, "", entropy);
}

}  // namespace booking::store
