#pragma once

#include "lb/http/method.hpp"
#include "lb/http1/head_parser.hpp"
#include "lb/upstream/roster.hpp"

#include <memory>
#include <re2/re2.h>
#include <string>
#include <string_view>

namespace lb::upstream {

/// How the endpoints of one upstream are checked, made ready once: what is asked, and what makes of
/// an answer a pass.
class CheckPlan {
 public:
  static constexpr std::size_t kLargestHead = 8 * 1024;
  static constexpr std::size_t kLargestBody = 64 * 1024;  // octets of content that are looked at

  explicit CheckPlan(CheckOptions options);

  const CheckOptions& options() const { return options_; }
  http::Method method() const { return http::to_method(options_.method); }
  /// The octets to send to an endpoint at `address`.
  std::string request(const std::string& address) const;
  /// Whether `judge` wants to see content.
  bool needs_content() const { return !options_.body.empty(); }

  CheckReport judge(const http::ResponseHead& head) const;
  /// `cut`: there was more than `content`.
  CheckReport judge_content(std::string_view content, bool cut) const;

 private:
  struct Matcher {
    std::string contains;
    std::unique_ptr<RE2> matches;  // null: any
    explicit Matcher(const Expectation& expectation);
    bool fits(std::string_view text) const;
    std::string wanted() const;
  };
  std::string wanted_statuses() const;

  CheckOptions options_;
  Matcher field_;
  Matcher body_;
};

/// Whether RE2 takes `pattern`; says why not.
std::string fault_of_pattern(const std::string& pattern);

}  // namespace lb::upstream
