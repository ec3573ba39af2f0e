#include "app/web/page_parts.hpp"

#include "app/web/assets.hpp"
#include "app/web/embedded.hpp"

#include <algorithm>
#include <array>

namespace booking::web {
namespace {

using Faults = std::vector<FieldFault>;

Html emergency_banner(const View& view) {
  // The valve is to be shut whether or not there is somebody to call.
  const auto& phone = view.options.emergency_phone;
  auto call = phone.empty()
                  ? Html{}
                  : fill_in(view, "<a href=\"tel:{{phone}}\">{{=emergency_call}} {{phone}}</a>",
                            {{"phone", phone}});
  return fill_in(
      view,
      "<aside class=\"emergency\" aria-label=\"{{label}}\"><div>"
      "<p><strong>{{=emergency_strong}}</strong> {{text}}</p>{{call}}</div></aside>\n",
      {{"label", text(view.language, phone.empty() ? "emergency_tip_label" : "emergency_label")},
       {"text", text(view.language, phone.empty() ? "emergency_tip" : "emergency_text")},
       {"call", std::move(call)}});
}

const FieldFault* fault_of(const Faults& faults, std::string_view field) {
  const auto found = std::ranges::find(faults, field, &FieldFault::field);
  return found == faults.end() ? nullptr : &*found;
}

/// A field's name as its label has it: `date-1` is the second preferred day.
std::string field_word(const View& view, std::string_view field) {
  if (field.starts_with("date-"))
    return std::string{text(view.language, "preferred_n")} + ' ' +
           std::to_string(field.back() - '0' + 1);
  if (field == "name-phone") return std::string{text(view.language, "phone")};
  if (field == "new-phone") return std::string{text(view.language, "new_phone")};
  return std::string{text(view.language, field)};
}

Html window_option(const View& view, std::string_view window, std::string_view chosen) {
  return fill("<option value=\"{{code}}\"{{selected}}>{{text}}</option>",
              {{"code", window},
               {"selected", window == chosen ? Html::raw(" selected") : Html{}},
               {"text", window_word(view, window)}});
}

/// The parts of a day, and the times that some day has.
Html window_options(const View& view, std::string_view chosen, const DayOffer& offer) {
  Html options;
  for (const auto* part : {"any", "morning", "afternoon"})
    options += window_option(view, part, chosen);
  if (offer.times.empty()) return options;
  Html times;
  for (const auto& time : offer.times) times += window_option(view, time, chosen);
  options += fill_in(view, "<optgroup label=\"{{=window_at}}\">{{times}}</optgroup>",
                     {{"times", std::move(times)}});
  return options;
}

/// A row of a day and its part or time.
Html preferred_row(const View& view, const RequestForm::Preferred& row, std::size_t index,
                   const DayOffer& offer, const Faults& faults) {
  const auto order = std::to_string(index);
  auto state = field_state(faults, "date-" + order, false);
  if (!offer.first.empty())
    state +=
        fill(" min=\"{{first}}\" max=\"{{last}}\"", {{"first", offer.first}, {"last", offer.last}});
  return fill_in(view,
                 "<div class=\"day\">"
                 "<label class=\"unseen\" for=\"date-{{order}}\">{{=preferred_n}} {{nth}}</label>"
                 "<input id=\"date-{{order}}\" name=\"date-{{order}}\" type=\"date\" "
                 "value=\"{{date}}\"{{state}}>"
                 "<label class=\"unseen\" for=\"window-{{order}}\">{{=window_n}} {{nth}}</label>"
                 "<select id=\"window-{{order}}\" name=\"window-{{order}}\">{{windows}}</select>\n"
                 "{{fault}}</div>\n",
                 {{"order", order},
                  {"nth", std::to_string(index + 1)},
                  {"date", row.date},
                  {"state", std::move(state)},
                  {"windows", window_options(view, row.window, offer)},
                  {"fault", fault_line(faults, "date-" + order)}});
}

}  // namespace

Html fill_in(const View& view, std::string_view markup, std::vector<Hole> holes) {
  for (auto open = markup.find("{{="); open != std::string_view::npos;
       open = markup.find("{{=", open + 3)) {
    const auto name = markup.substr(open + 2, markup.find("}}", open) - open - 2);
    const bool known = std::ranges::find(holes, name, &Hole::name) != holes.end();
    if (!known) holes.emplace_back(name, text(view.language, name.substr(1)));
  }
  return fill(markup, holes);
}

std::string page(const View& view, std::string_view title, Place place, Html content) {
  const auto current = [&](Place entry) {
    return entry == place ? Html::raw(" aria-current=\"page\"") : Html{};
  };
  return fill_in(view, k_layout_html,
                 {{"title", title},
                  {"business", view.options.business_name},
                  {"robots", place == Place::Request ? "index" : "noindex"},
                  {"fonts", fonts_path()},
                  {"style", style_path()},
                  {"script", script_path()},
                  {"icon", icon_path()},
                  {"on_request", current(Place::Request)},
                  {"on_lookup", current(Place::Lookup)},
                  {"emergency", emergency_banner(view)},
                  {"content", std::move(content)}})
      .markup();
}

Html fault_line(const Faults& faults, std::string_view field) {
  const auto* fault = fault_of(faults, field);
  if (fault == nullptr) return {};
  return fill("<p class=\"fault\" id=\"{{field}}-fault\">{{text}}</p>\n",
              {{"field", field}, {"text", fault->text}});
}

Html field_state(const Faults& faults, std::string_view field, bool has_hint) {
  const auto* fault = fault_of(faults, field);
  std::string described;
  if (has_hint) described.append(field).append("-hint");
  if (fault != nullptr) described.append(has_hint ? " " : "").append(field).append("-fault");
  Html state;
  if (fault != nullptr) state += Html::raw(" aria-invalid=\"true\"");
  if (!described.empty()) state += fill(" aria-describedby=\"{{ids}}\"", {{"ids", described}});
  return state;
}

Html notice_box(const View& view, Notice notice, const Faults& faults) {
  if (notice.key.empty()) return {};
  Html links;
  for (const auto& fault : faults)
    links += fill("<li><a href=\"#{{field}}\">{{word}}</a></li>",
                  {{"field", fault.field}, {"word", field_word(view, fault.field)}});
  if (!faults.empty()) links = fill("<ul>{{links}}</ul>", {{"links", std::move(links)}});
  return fill("<div class=\"notice{{good}}\" role=\"{{role}}\"><p>{{text}}</p>{{links}}</div>\n",
              {{"good", notice.good ? " good" : ""},
               {"role", notice.good ? "status" : "alert"},
               {"text", text(view.language, notice.key)},
               {"links", std::move(links)}});
}

Html hidden(std::string_view name, std::string_view value) {
  return fill("<input type=\"hidden\" name=\"{{name}}\" value=\"{{value}}\">\n",
              {{"name", name}, {"value", value}});
}

Html preferred_fields(const View& view,
                      const std::array<RequestForm::Preferred, kPreferredRows>& rows,
                      const DayOffer& offer, const Faults& faults) {
  Html fields;
  for (std::size_t i = 0; i < rows.size(); ++i)
    fields += preferred_row(view, rows.at(i), i, offer, faults);
  return fill_in(view,
                 "<fieldset aria-describedby=\"preferred-hint\" data-rest=\"{{rest}}\" "
                 "data-rest-said=\"{{=rest_said}}\" data-sets=\"{{sets}}\" "
                 "data-set-of-day=\"{{set_of_day}}\" data-time-said=\"{{=time_said}}\">\n"
                 "<legend>{{=preferred}} <span class=\"may\">{{=optional_three}}</span></legend>\n"
                 "<p class=\"hint\" id=\"preferred-hint\">{{words}}</p>\n"
                 "{{fields}}</fieldset>",
                 {{"rest", offer.rest},
                  {"sets", offer.sets},
                  {"set_of_day", offer.set_of_day},
                  {"words", offer.words},
                  {"fields", std::move(fields)}});
}

Html gallery(const View& view, const std::vector<std::string>& photos) {
  if (photos.empty()) return {};
  Html items;
  for (std::size_t i = 0; i < photos.size(); ++i)
    items += fill_in(view,
                     "<li><a href=\"{{url}}\"><img src=\"{{url}}\" alt=\"{{=photos}} {{nth}}\" "
                     "loading=\"lazy\"></a></li>\n",
                     {{"url", photos[i]}, {"nth", std::to_string(i + 1)}});
  return fill("<ul class=\"gallery\">\n{{items}}</ul>\n", {{"items", std::move(items)}});
}

std::string_view service_word(const View& view, std::string_view service) {
  return text(view.language, std::string{"service_"}.append(service));
}

std::string window_word(const View& view, std::string_view window) {
  if (window.find(':') != std::string_view::npos) return std::string{window};
  return std::string{text(view.language, std::string{"window_"}.append(window))};
}

}  // namespace booking::web
