#pragma once

#include <string_view>

namespace booking::web {

// The files of app/web/templates and app/web/texts, and the fonts' style sheet, made part of the
// program by embed.cmake.
extern const std::string_view k_cancel_html;
extern const std::string_view k_change_html;
extern const std::string_view k_change_words_html;
extern const std::string_view k_estimate_html;
extern const std::string_view k_fonts_css;
extern const std::string_view k_guest_js;
extern const std::string_view k_icon_svg;
extern const std::string_view k_layout_html;
extern const std::string_view k_listed_html;
extern const std::string_view k_lookup_html;
extern const std::string_view k_lookup_found_html;
extern const std::string_view k_message_html;
extern const std::string_view k_photos_html;
extern const std::string_view k_request_html;
extern const std::string_view k_request_done_html;
extern const std::string_view k_review_html;
extern const std::string_view k_style_css;
extern const std::string_view k_ko_txt;
extern const std::string_view k_en_txt;
extern const std::string_view k_fonts_css_digest;
extern const std::string_view k_guest_js_digest;
extern const std::string_view k_icon_svg_digest;
extern const std::string_view k_style_css_digest;

}  // namespace booking::web
