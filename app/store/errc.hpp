#pragma once

#include <boost/system/error_code.hpp>

namespace booking::store {

/// Why an operation has no result. All but Internal may pass when tried again later.
enum class Errc {
  Unavailable = 1,  // no writable node answers, or it went away; nothing was changed
  Overloaded,       // the queue is full or the wait in it too long; nothing was changed
  UnknownOutcome,   // the connection broke while the change was made and the deadline is over
  SchemaMismatch,   // the database's schema is not the one this program knows
  Internal          // the database refused a statement; the log has its words
};

const boost::system::error_category& category();
boost::system::error_code make_error_code(Errc errc);

}  // namespace booking::store

template <>
struct boost::system::is_error_code_enum<booking::store::Errc> : std::true_type {};
