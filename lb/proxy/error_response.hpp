#pragma once

#include "lb/filters/error_pages.hpp"
#include "lb/http/date.hpp"
#include "lb/proxy/refusal.hpp"

#include <string>
#include <string_view>

namespace lb::proxy {

struct ErrorContext {
  http::DateText date{};
  const filters::ErrorPages* pages{nullptr};  // of the site or the route; null: lbd's own
  std::string_view request_id{};              // empty when the request had no name yet
  bool html{false};             // a page for people instead of problem+json (RFC 9457)
  bool without_content{false};  // answers HEAD
  bool close{true};
  std::string_view kept{};  // field lines of an endpoint's answer that go with it
  std::string_view hsts{};  // Strict-Transport-Security; empty: none
};

struct ErrorContent {
  std::string_view type;
  std::string text;
};
ErrorContent error_content(const Refusal& refusal, const ErrorContext& context);

/// A whole answer: head and content.
std::string error_response(const Refusal& refusal, const ErrorContext& context);

/// The whole answer to OPTIONS that is not to be forwarded any further (RFC 9110 §7.6.2).
std::string own_options(const ErrorContext& context);

}  // namespace lb::proxy
