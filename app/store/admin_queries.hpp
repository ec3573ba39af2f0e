#pragma once

#include "app/store/session.hpp"
#include "app/store/store.hpp"

#include <optional>
#include <string>

namespace booking::store {

// The SQL of sessions, failed logins and the audit log.

void write_audit(Session& db, const Actor& actor, common::WallTime now, const std::string& action,
                 const std::string& subject, const std::string& detail,
                 const EntropySource& entropy);

/// Writing a session that is there already (an earlier commit got no answer) changes nothing.
void create_session(Session& db, const AdminSession& session, const Actor& actor,
                    const EntropySource& entropy);
std::optional<AdminSession> find_session(Session& db, const TokenHash& hash, common::WallTime now);
void delete_session(Session& db, const TokenHash& hash, const Actor& actor, common::WallTime now,
                    const EntropySource& entropy);

LoginFailures record_login_failure(Session& db, const std::string& subject, common::WallTime now,
                                   std::chrono::seconds memory);
LoginFailures read_login_failures(Session& db, const std::string& subject);
void clear_login_failures(Session& db, const std::string& subject);

}  // namespace booking::store
