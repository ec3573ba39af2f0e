#pragma once

#include <string_view>

namespace booking::web {

// The files of app/web/templates, made part of the program by embed.cmake.
extern const std::string_view k_layout_html;
extern const std::string_view k_request_html;
extern const std::string_view k_request_done_html;
extern const std::string_view k_lookup_html;
extern const std::string_view k_lookup_found_html;
extern const std::string_view k_message_html;
extern const std::string_view k_style_css;
extern const std::string_view k_style_css_digest;
extern const std::string_view k_icon_svg;
extern const std::string_view k_icon_svg_digest;

}  // namespace booking::web
