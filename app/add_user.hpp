#pragma once

#include "app/store/store.hpp"

#include <optional>
#include <string>

namespace booking {

/// Adds an account to the database, and waits for one that comes up. Nothing when it is there now,
/// else why not.
std::optional<std::string> add_user(store::Store& store, const std::string& username,
                                    const std::string& password, store::Role role);

}  // namespace booking
