#pragma once

#include <cstddef>

namespace lb::server {

/// Raises the limit of open descriptors as far as the system lets us and gives how many each worker
/// can then have for clients and towards endpoints, at least two: checks, listeners and the
/// operator's door must never go without.
std::size_t affordable_descriptors(std::size_t workers, std::size_t listeners, std::size_t checks);

}  // namespace lb::server
