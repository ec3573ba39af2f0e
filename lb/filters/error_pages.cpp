#include "lb/filters/error_pages.hpp"

#include "common/json_text.hpp"

#include <array>

namespace lb::filters {
namespace {

constexpr std::string_view kOpen = "${";
constexpr std::array<std::string_view, 5> kPlaces{"status", "reason", "detail", "code",
                                                  "request_id"};

std::string value_of(std::string_view place, const ErrorFacts& facts) {
  if (place == "status") return std::to_string(facts.status);
  if (place == "reason") return std::string{facts.reason};
  if (place == "detail") return std::string{facts.detail};
  if (place == "code") return std::string{facts.code};
  return std::string{facts.request_id};
}

std::string html_escaped(std::string_view text) {
  std::string out;
  for (const char octet : text) {
    switch (octet) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += octet;
    }
  }
  return out;
}

/// For within the quotes that the page itself writes.
std::string json_escaped(std::string_view text) {
  std::string out;
  common::append_json_string(out, text);
  return out.substr(1, out.size() - 2);
}

}  // namespace

common::Result<ErrorPage, std::string> ErrorPage::parse(Form form, std::string_view text) {
  for (auto open = text.find(kOpen); open != std::string_view::npos;
       open = text.find(kOpen, open + 1)) {
    const auto close = text.find('}', open);
    if (close == std::string_view::npos) return std::string{"a ${ is not closed by }"};
    const auto name = text.substr(open + kOpen.size(), close - open - kOpen.size());
    bool known = false;
    for (const auto place : kPlaces) known = known || place == name;
    if (!known) return "there is no ${" + std::string{name} + '}';
  }
  ErrorPage page;
  page.text_ = text;
  page.form_ = form;
  return page;
}

std::string ErrorPage::render(const ErrorFacts& facts) const {
  std::string out;
  std::string_view rest = text_;
  for (auto open = rest.find(kOpen); open != std::string_view::npos; open = rest.find(kOpen)) {
    out.append(rest.substr(0, open));
    const auto close = rest.find('}', open);
    const auto value =
        value_of(rest.substr(open + kOpen.size(), close - open - kOpen.size()), facts);
    out.append(form_ == Form::Html ? html_escaped(value) : json_escaped(value));
    rest.remove_prefix(close + 1);
  }
  return out.append(rest);
}

void ErrorPages::add(unsigned status, ErrorPage::Form form, ErrorPage page, bool intercepts) {
  pages_.insert_or_assign({status, form}, Entry{std::move(page), intercepts});
}

const ErrorPages::Entry* ErrorPages::find(ErrorPage::Form form, unsigned status) const {
  for (const auto key : {status, status / 100})
    if (const auto found = pages_.find({key, form}); found != pages_.end()) return &found->second;
  return nullptr;
}

std::optional<std::string> ErrorPages::render(ErrorPage::Form form, const ErrorFacts& facts) const {
  const auto* const entry = find(form, facts.status);
  return entry != nullptr ? std::optional{entry->page.render(facts)} : std::nullopt;
}

bool ErrorPages::intercepts(ErrorPage::Form form, unsigned status) const {
  const auto* const entry = status < 400 ? nullptr : find(form, status);
  return entry != nullptr && entry->intercepts;
}

}  // namespace lb::filters
