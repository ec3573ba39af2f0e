#pragma once

#include "app/pair/seen.hpp"

#include <optional>
#include <string>

namespace booking::dbctl {

/// Nothing when there is no such file, or none that can be understood.
std::optional<pair::Record> read_record(const std::string& path);
/// On the disk when it returns; the old one or the new one at any time. Throws std::system_error.
void write_record(const std::string& path, const pair::Record& record);

}  // namespace booking::dbctl
