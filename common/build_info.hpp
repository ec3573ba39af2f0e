#pragma once

namespace common {

/// Release number of this build, as in CMakeLists.txt.
extern const char* const kVersion;

}  // namespace common
