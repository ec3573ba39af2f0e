#pragma once

#include "lb/filters/address_rules.hpp"
#include "lb/filters/filter.hpp"

#include <atomic>
#include <chrono>
#include <string>

namespace lb::filters {

struct AnswerOptions {
  unsigned status{200};
  std::string content_type{"text/plain; charset=utf-8"};
  std::string content;
  std::vector<std::pair<std::string, std::string>> fields;
};

/// The same answer to every request.
class FixedAnswer final : public Filter {
 public:
  explicit FixedAnswer(AnswerOptions options) : options_{std::move(options)} {}
  Next on_request(const Request& request, Passage& passage) const override;

 private:
  AnswerOptions options_;
};

struct MaintenanceOptions {
  bool enabled{false};                         // from the start, whatever `file` says
  std::string file;                            // while it exists; looked for at most once a second
  std::vector<common::PrefixedAddress> allow;  // who sees the service meanwhile
  std::chrono::seconds retry_after{300};
  std::string page;  // HTML; empty: the error page
};

/// 503 to everybody but those who work on the service.
class Maintenance final : public Filter {
 public:
  explicit Maintenance(MaintenanceOptions options);
  Next on_request(const Request& request, Passage& passage) const override;

 private:
  bool is_on(common::TimePoint now) const;

  MaintenanceOptions options_;
  AddressRules allowed_;
  std::string retry_after_;
  mutable std::atomic<common::TimePoint> look_again_{common::TimePoint::min()};
  mutable std::atomic<bool> exists_{false};
};

}  // namespace lb::filters
