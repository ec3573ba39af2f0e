#pragma once

#include "lb/filters/filter.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace lb::filters {

struct CorsOptions {
  std::vector<std::string> origins;  // `https://a.example`, octet for octet; or `*` alone
  std::vector<std::string> methods{"GET", "HEAD", "POST"};
  std::vector<std::string> fields;   // that a page may send besides the safelisted ones
  std::vector<std::string> exposed;  // that a page may read
  bool credentials{false};           // never with `*`
  std::chrono::seconds max_age{600};
};

/// Cross-origin requests by the Fetch standard: preflights are answered here, other answers get
/// their fields in place of what the endpoint says.
class Cors final : public Filter {
 public:
  explicit Cors(CorsOptions options);
  Next on_request(const Request& request, Passage& passage) const override;
  void on_response(Response& response, Passage& passage) const override;

 private:
  Next answer_preflight(const Request& request, std::string_view wanted, bool known,
                        Passage& passage) const;

  CorsOptions options_;
  bool any_;
  std::string methods_, fields_, exposed_, max_age_;
};

}  // namespace lb::filters
