#pragma once

#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>

namespace common {

/// Value or error; the error type defaults to the one Asio and Beast speak.
template <class T, class E = boost::system::error_code>
using Result = boost::system::result<T, E>;

}  // namespace common
