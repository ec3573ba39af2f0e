#include "lb/proxy/error_response.hpp"

#include "common/json_text.hpp"
#include "common/reason_phrase.hpp"

namespace lb::proxy {
namespace {

constexpr std::string_view kAllow = "Allow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS\r\n";

std::string problem(const Refusal& refusal, std::string_view request_id) {
  std::string body = R"({"type":"about:blank","title":)";
  common::append_json_string(body, common::reason_phrase(refusal.status));
  body.append(",\"status\":").append(std::to_string(refusal.status));
  body.append(",\"detail\":");
  common::append_json_string(body, refusal.detail);
  body.append(",\"code\":");
  common::append_json_string(body, refusal.code);
  if (!request_id.empty()) {
    body.append(",\"request_id\":");
    common::append_json_string(body, request_id);
  }
  return body.append("}\n");
}

/// `request_id` is of harmless characters only (is_request_id), the rest are our own literals.
std::string page(const Refusal& refusal, std::string_view request_id) {
  const auto title =
      std::to_string(refusal.status) + ' ' + std::string{common::reason_phrase(refusal.status)};
  std::string body = "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>" + title +
                     "</title>\n<h1>" + title + "</h1>\n<p>" + std::string{refusal.detail} +
                     "</p>\n";
  if (!request_id.empty()) body.append("<p><small>").append(request_id).append("</small></p>\n");
  return body.append("</html>\n");
}

void append_hsts(std::string& out, std::string_view value) {
  if (!value.empty()) out.append("Strict-Transport-Security: ").append(value).append("\r\n");
}

}  // namespace

std::string own_options(const ErrorContext& context) {
  std::string out = "HTTP/1.1 200 OK\r\n";
  out.append(kAllow)
      .append("Content-Length: 0\r\nDate: ")
      .append(context.date.data(), context.date.size())
      .append("\r\n");
  append_hsts(out, context.hsts);
  return out.append(context.close ? "Connection: close\r\n\r\n" : "\r\n");
}

ErrorContent error_content(const Refusal& refusal, const ErrorContext& context) {
  using Form = filters::ErrorPage::Form;
  if (context.pages != nullptr) {
    const filters::ErrorFacts facts{refusal.status, common::reason_phrase(refusal.status),
                                    refusal.detail, refusal.code, context.request_id};
    if (auto own = context.pages->render(context.html ? Form::Html : Form::Json, facts))
      return {context.html ? "text/html; charset=utf-8" : "application/json", std::move(*own)};
  }
  if (context.html) return {"text/html; charset=utf-8", page(refusal, context.request_id)};
  return {"application/problem+json", problem(refusal, context.request_id)};
}

std::string error_response(const Refusal& refusal, const ErrorContext& context) {
  const auto [type, body] = error_content(refusal, context);
  std::string out = "HTTP/1.1 " + std::to_string(refusal.status) + ' ';
  out.append(common::reason_phrase(refusal.status)).append("\r\n");
  out.append("Content-Type: ")
      .append(type)
      .append("\r\nContent-Length: ")
      .append(std::to_string(body.size()))
      .append("\r\nCache-Control: no-store\r\nDate: ")
      .append(context.date.data(), context.date.size())
      .append("\r\n");
  out.append(context.kept);
  append_hsts(out, context.hsts);
  if (refusal.status == 503 && context.kept.empty()) out.append("Retry-After: 1\r\n");
  if (refusal.status == 405 && context.kept.empty()) out.append(kAllow);  // RFC 9110 §15.5.6
  if (context.close) out.append("Connection: close\r\n");
  out.append("\r\n");
  if (!context.without_content) out.append(body);
  return out;
}

}  // namespace lb::proxy
