#include "lb/filters/text_template.hpp"

#include <array>
#include <utility>

namespace lb::filters {
namespace {

constexpr std::string_view kOpen = "${";

}  // namespace

common::Result<TextTemplate, std::string> TextTemplate::parse(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, Place>, 7> kPlaces{{
      {"client", Place::Client},
      {"host", Place::Host},
      {"method", Place::Method},
      {"path", Place::Path},
      {"query", Place::Query},
      {"scheme", Place::Scheme},
      {"request_id", Place::RequestId},
  }};
  TextTemplate out;
  std::string literal;
  while (!text.empty()) {
    const auto open = text.find(kOpen);
    if (open == std::string_view::npos) break;
    const bool escaped = open > 0 && text[open - 1] == '$';
    literal.append(text.substr(0, escaped ? open - 1 : open));
    text.remove_prefix(open + kOpen.size());
    if (escaped) {
      literal.append(kOpen);
      continue;
    }
    const auto close = text.find('}');
    if (close == std::string_view::npos) return std::string{"a ${ is not closed by }"};
    const auto name = text.substr(0, close);
    text.remove_prefix(close + 1);
    Place place = Place::None;
    for (const auto& [known, its] : kPlaces)
      if (known == name) place = its;
    if (place == Place::None) return "there is no ${" + std::string{name} + '}';
    out.parts_.push_back({std::exchange(literal, {}), place});
  }
  out.after_ = literal.append(text);
  return out;
}

std::string_view TextTemplate::render(const Request& request, Passage& passage) const {
  if (parts_.empty()) return after_;
  std::string out;
  for (const auto& [before, place] : parts_) {
    out.append(before);
    out.append(value_of(place, request));
  }
  out.append(after_);
  return passage.keep(std::move(out));
}

std::string TextTemplate::value_of(Place place, const Request& request) {
  const auto& target = request.head.target;
  switch (place) {
    case Place::Client:
      return request.client.to_string();
    case Place::Host:
      return std::string{request.head.authority};
    case Place::Method:
      return std::string{request.head.method_name};
    case Place::Path:
      return std::string{target.path};
    case Place::Query:
      return std::string{target.query};
    case Place::Scheme:
      return std::string{request.scheme};
    case Place::RequestId:
      return std::string{request.request_id};
    case Place::None:
      break;
  }
  return {};
}

}  // namespace lb::filters
