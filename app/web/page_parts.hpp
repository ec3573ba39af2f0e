#pragma once

#include "app/web/html.hpp"
#include "app/web/pages.hpp"

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace booking::web {

// What several pages are made of.

/// Which entry of the menu is the page at hand.
enum class Place { Elsewhere, Request, Lookup };

std::string page(const View& view, std::string_view title, Place place, Html content);

/// fill() with the view's language for `{{=key}}`.
Html fill_in(const View& view, std::string_view text, std::vector<Hole> holes);

/// The sentence under a field, or nothing.
Html fault_line(const std::vector<FieldFault>& faults, std::string_view field);
/// Attributes that tie a field to its hint and to its fault for those who do not see them.
Html field_state(const std::vector<FieldFault>& faults, std::string_view field, bool has_hint);
Html notice_box(const View& view, Notice notice, const std::vector<FieldFault>& faults);
Html hidden(std::string_view name, std::string_view value);

/// The fields that ask for days: what the shop offers, and rows of a day and its part or time.
Html preferred_fields(const View& view,
                      const std::array<RequestForm::Preferred, kPreferredRows>& rows,
                      const DayOffer& offer, const std::vector<FieldFault>& faults);
Html gallery(const View& view, const std::vector<std::string>& photos);

std::string_view service_word(const View& view, std::string_view service);
/// A time is its own word.
std::string window_word(const View& view, std::string_view window);

}  // namespace booking::web
