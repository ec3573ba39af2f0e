#pragma once

#include "app/store/office.hpp"
#include "app/store/session.hpp"
#include "app/store/store.hpp"

#include <string>

namespace booking::store {

// The SQL of the audit log. Its entries form a chain (app/records/audit_chain.hpp), so those who
// write one wait for each other: write it last.

/// Holds the chain's head until the transaction ends: no two entries take one place.
void hold_audit(Session& db);
void write_audit(Session& db, const Actor& actor, common::WallTime now, const std::string& action,
                 const std::string& subject, const std::string& detail,
                 const EntropySource& entropy);

AuditPage read_audit(Session& db, const AuditQuery& query);
AuditHead read_audit_head(Session& db);

}  // namespace booking::store
