#pragma once

#include "lb/filters/filter.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace lb::filters {

struct ForwardAuthOptions {
  std::size_t upstream{0};  // its place in the configuration
  std::string path{"/"};
  std::string host;                          // empty: the client's
  std::vector<std::string> request_fields;   // sent along; empty: all but those of the content
  std::vector<std::string> response_fields;  // of its answer, for the endpoint
  std::chrono::milliseconds timeout{5000};
};

/// Asks somebody else whether a request may pass: 2xx lets it, with fields of the answer; another
/// answer becomes the client's, and none at all is 503. GET without content, with what was asked in
/// X-Forwarded-Method, -Proto, -Host, -Uri and -For.
class ForwardAuth final : public Filter {
 public:
  static constexpr std::size_t kLargestAnswer = 64 * 1024;  // content that is passed to the client

  explicit ForwardAuth(ForwardAuthOptions options);
  Next on_request(const Request& request, Passage& passage) const override;
  Next on_subanswer(const Subanswer* answer, const Request& request,
                    Passage& passage) const override;

 private:
  bool sends(const http::Field& field) const;

  ForwardAuthOptions options_;
};

}  // namespace lb::filters
