#pragma once

#include <cstddef>

namespace lb::server {

/// Raises the limit of open descriptors as far as the system lets us and gives how many client
/// connections each worker can then afford, at least one: a client needs a second descriptor
/// towards an endpoint, and checks, listeners and the operator's door must never go without.
std::size_t affordable_connections(std::size_t workers, std::size_t listeners, std::size_t checks);

}  // namespace lb::server
