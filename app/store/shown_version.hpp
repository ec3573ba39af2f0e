#pragma once

#include "app/store/accounts.hpp"
#include "app/store/office.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace booking::store {

// Versions of what a page shows and somebody writes over who looked at it. No row counts them: they
// are 48 bits of a digest of what is shown, so what came back to what it was is what was read.
// Never 0, and within what JSON's readers take for a whole number.

std::int64_t version_of(const Customer& customer);
/// Of a new password, too, although nobody is shown it.
std::int64_t version_of(const Account& account);
std::int64_t version_of(const std::vector<std::string>& technicians);

}  // namespace booking::store
