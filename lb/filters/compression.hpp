#pragma once

#include "lb/filters/coding.hpp"
#include "lb/filters/filter.hpp"

#include <atomic>
#include <string>
#include <vector>

namespace lb::filters {

struct CompressionOptions {
  std::vector<Coding> codings{Coding::Zstd, Coding::Brotli, Coding::Gzip};  // the favourite first
  std::vector<std::string> types{"text/html",        "text/css",
                                 "text/plain",       "text/xml",
                                 "text/javascript",  "application/javascript",
                                 "application/json", "application/problem+json",
                                 "application/xml",  "application/manifest+json",
                                 "image/svg+xml"};
  std::size_t min_size{1024};  // octets, where the length is known
  int level{4};                // 1 quick to 9 small
  /// Also where the client has shown who it is: an attacker who can make it ask and see the length
  /// of answers may then find out what stands in them (BREACH).
  bool credentials{false};
  std::uint32_t streams{64};  // under way at once, of this filter; above, content passes as it is
};

/// Content in a coding that the client takes (RFC 9110 §8.4).
class Compression final : public Filter {
 public:
  explicit Compression(CompressionOptions options)
      : options_{std::move(options)}, running_{std::make_shared<std::atomic<std::uint32_t>>(0)} {}
  Next on_request(const Request& request, Passage& passage) const override;
  void on_response(Response& response, Passage& passage) const override;

 private:
  bool is_listed(std::string_view type) const;
  std::unique_ptr<Encoder> begin(Coding coding) const;

  CompressionOptions options_;
  std::shared_ptr<std::atomic<std::uint32_t>> running_;
};

}  // namespace lb::filters
