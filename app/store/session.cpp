#include "app/store/session.hpp"

namespace booking::store {

bool Session::insert(const char* sql, const std::vector<Parameter>& parameters) {
  try {
    return execute(sql, parameters) > 0;
  } catch (const SqlError& error) {
    if (error.trouble() == Trouble::Duplicate) return false;
    throw;
  }
}

}  // namespace booking::store
