#pragma once

#include <string_view>

namespace booking::api {

/// The detail of a problem in Korean, for those who ask for it (RFC 9110 §12.5.4); empty when there
/// are only the English words it came with.
std::string_view korean_detail(std::string_view code);

/// Whether Korean stands before English in an Accept-Language field.
bool prefers_korean(std::string_view accept_language);

}  // namespace booking::api
