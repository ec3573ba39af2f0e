#include "common/build_info.hpp"

namespace common {

const char* const kVersion = MAINSTAY_VERSION;

}  // namespace common
