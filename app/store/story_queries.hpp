#pragma once

#include "app/privacy/vault.hpp"
#include "app/store/session.hpp"
#include "app/store/store.hpp"

namespace booking::store {

/// The SQL of all that a guest's look needs, in one statement; three when there is an estimate.
Looked look_up(Session& db, const GuestLook& look, const privacy::Vault& vault);

}  // namespace booking::store
