#include "scripts/strobe/http/request_template.hpp"

namespace strobe::http {

namespace {

void replace_all(std::string& text, std::string_view what, std::string_view with) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
}

}  // namespace

std::string RequestTemplate::render(std::uint64_t n, std::string_view key) const {
  std::string filled = content;
  const std::string digits = std::to_string(n);
  const std::string padded = "000" + digits;
  replace_all(filled, "{n}", digits);
  replace_all(filled, "{n4}", std::string_view{padded}.substr(padded.size() - 4));
  replace_all(filled, "{key}", key);

  std::string text = method + " " + target + " HTTP/1.1\r\nHost: " + host + "\r\n";
  for (const auto& field : fields) text += field + "\r\n";
  if (!key.empty()) text.append("Idempotency-Key: ").append(key).append("\r\n");
  if (!filled.empty()) text += "Content-Length: " + std::to_string(filled.size()) + "\r\n";
  if (close) text += "Connection: close\r\n";
  return text + "\r\n" + filled;
}

}  // namespace strobe::http
