#pragma once

#include "app/privacy/vault.hpp"
#include "app/store/accounts.hpp"
#include "app/store/session.hpp"
#include "app/store/store.hpp"
#include "app/store/transaction.hpp"

#include <optional>
#include <string>
#include <vector>

namespace booking::store {

// The SQL of accounts, second factors and sessions. What is done again after a commit without an
// answer ends as the first time.

std::optional<Account> find_account(Session& db, const std::string& username);
std::vector<Account> list_accounts(Session& db);
bool add_account(Session& db, const Account& account, const Actor& actor,
                 const EntropySource& entropy);
Ending change_account(Session& db, const AccountChange& change, const EntropySource& entropy,
                      std::optional<AccountOutcome>& out);

std::optional<SecondFactor> find_second_factor(Session& db, const std::string& username,
                                               const privacy::Vault& vault);
bool begin_second_factor(Session& db, const std::string& username,
                         const std::array<std::uint8_t, 20>& secret, const privacy::Vault& vault);
/// Secrets that another key than the active one sealed, sealed anew; how many. All at once: there
/// are no more than accounts.
std::size_t reseal_factors(Session& db, const privacy::Vault& vault);
bool confirm_second_factor(Session& db, const UseFactor& with, const std::vector<TokenHash>& codes,
                           const Attempt& attempt, const EntropySource& entropy);
void remove_second_factor(Session& db, const std::string& username, const Actor& actor,
                          common::WallTime now, const EntropySource& entropy);
bool use_second_factor(Session& db, const UseFactor& use, const Attempt& attempt,
                       const EntropySource& entropy);

void create_session(Session& db, const AdminSession& session, const Actor& actor,
                    const EntropySource& entropy);
std::optional<AdminSession> find_session(Session& db, const TokenHash& hash, common::WallTime now);
std::vector<AdminSession> list_sessions(Session& db, const std::optional<std::string>& username,
                                        common::WallTime now);
bool delete_session(Session& db, const TokenHash& hash, const std::optional<std::string>& username,
                    const Attempt& attempt, const Actor& actor, common::WallTime now,
                    const EntropySource& entropy);
void verify_session(Session& db, const TokenHash& hash, const Actor& actor, common::WallTime now,
                    const EntropySource& entropy);

}  // namespace booking::store
