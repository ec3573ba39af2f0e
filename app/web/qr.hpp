#pragma once

#include <string>
#include <string_view>

namespace booking::web {

/// A QR code (ISO/IEC 18004, level M, by libqrencode) as one SVG element without style or script;
/// empty when the text is too long for one.
std::string qr_svg(std::string_view text);

}  // namespace booking::web
