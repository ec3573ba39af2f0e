#pragma once

#include "common/result.hpp"
#include "common/time.hpp"

#include <boost/asio/awaitable.hpp>

#include <string>

namespace booking::store {

template <class T>
using Awaitable = boost::asio::awaitable<common::Result<T>>;

struct Done {};

/// Of what is refused for one reason, which the operation names.
enum class Outcome { Refused, Done };

/// Who did it, for the audit log.
struct Actor {
  std::string name;     // up to 60 octets
  std::string address;  // up to 45 octets: an IP address
};

}  // namespace booking::store
