#pragma once

#include "app/store/audit_queries.hpp"
#include "app/store/session.hpp"
#include "app/store/store.hpp"

#include <string>

namespace booking::store {

// The SQL of failed logins.

LoginFailures record_login_failure(Session& db, const std::string& subject, common::WallTime now,
                                   std::chrono::seconds memory);
LoginFailures read_login_failures(Session& db, const std::string& subject);
std::array<LoginFailures, 2> read_login_failures(Session& db,
                                                 const std::array<std::string, 2>& subjects);
void clear_login_failures(Session& db, const std::string& subject);

}  // namespace booking::store
