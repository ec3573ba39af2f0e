#include "lb/filters/fixed_answer.hpp"

#include <unistd.h>

namespace lb::filters {
namespace {

constexpr auto kLookInterval = std::chrono::seconds{1};

}  // namespace

Next FixedAnswer::on_request(const Request&, Passage& passage) const {
  Answer answer{.reason = Reason::FixedAnswer, .status = options_.status};
  if (!options_.content.empty())
    answer.fields.push_back({"Content-Type", options_.content_type, http::FieldId::Other, false});
  for (const auto& [name, value] : options_.fields)
    answer.fields.push_back({name, value, http::identify(name), false});
  answer.content = options_.content;
  return passage.reply(std::move(answer));
}

Maintenance::Maintenance(MaintenanceOptions options)
    : options_{std::move(options)},
      allowed_{options_.allow, {}},
      retry_after_{std::to_string(options_.retry_after.count())} {}

bool Maintenance::is_on(common::TimePoint now) const {
  if (options_.enabled) return true;
  if (options_.file.empty()) return false;
  auto due = look_again_.load(std::memory_order_relaxed);
  // One of the workers looks, the others go by what it found.
  if (due <= now && look_again_.compare_exchange_strong(due, now + kLookInterval))
    exists_ = ::access(options_.file.c_str(), F_OK) == 0;
  return exists_;
}

Next Maintenance::on_request(const Request& request, Passage& passage) const {
  if (!is_on(request.now)) return Next::Pass;
  if (!options_.allow.empty() && allowed_.allows(request.client)) return Next::Pass;
  http::Fields fields{{"Retry-After", retry_after_}};
  if (options_.page.empty()) return passage.refuse(Reason::Maintenance, std::move(fields));
  fields.push_back({"Content-Type", "text/html; charset=utf-8"});
  fields.push_back({"Cache-Control", "no-store"});
  return passage.reply(
      {.reason = Reason::Maintenance, .fields = std::move(fields), .content = options_.page});
}

}  // namespace lb::filters
