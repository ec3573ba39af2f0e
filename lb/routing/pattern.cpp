#include "lb/routing/pattern.hpp"

#include <re2/re2.h>

namespace lb::routing {
namespace {

constexpr std::int64_t kMostMemory = 1 << 20;  // of one expression and its automata

re2::StringPiece piece(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace

common::Result<Pattern, std::string> Pattern::compile(std::string_view text) {
  if (text.empty()) return std::string{"it is empty"};
  if (text.size() > kLongest) return std::string{"it is longer than 1024 octets"};
  RE2::Options options{RE2::Latin1};  // octets: a field may hold what is no UTF-8
  options.set_log_errors(false);
  options.set_max_mem(kMostMemory);
  auto compiled = std::make_shared<const RE2>(piece(text), options);
  if (!compiled->ok()) return compiled->error();
  return Pattern{std::move(compiled)};
}

bool Pattern::matches(std::string_view text) const {
  return RE2::PartialMatch(piece(text), *compiled_);
}

std::optional<std::string> Pattern::replaced(std::string_view text,
                                             const std::string& rewrite) const {
  std::string out{text};
  if (!RE2::Replace(&out, *compiled_, rewrite)) return std::nullopt;
  return out;
}

std::optional<std::string> Pattern::fault_of(const std::string& rewrite) const {
  std::string error;
  if (compiled_->CheckRewriteString(rewrite, &error)) return std::nullopt;
  return error;
}

const std::string& Pattern::text() const { return compiled_->pattern(); }

}  // namespace lb::routing
