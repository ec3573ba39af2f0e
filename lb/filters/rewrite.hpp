#pragma once

#include "lb/filters/filter.hpp"
#include "lb/filters/path_change.hpp"

namespace lb::filters {

struct RewriteOptions {
  PathChange path;
  std::string host;  // empty: as the client said
};

/// The endpoint gets another path or Host. The query stays. X-Forwarded-Host tells the client's.
class Rewrite final : public Filter {
 public:
  explicit Rewrite(RewriteOptions options) : options_{std::move(options)} {}
  Next on_request(const Request& request, Passage& passage) const override;

 private:
  RewriteOptions options_;
};

struct RedirectOptions {
  unsigned status{302};
  std::string scheme;     // empty: as it came
  std::string host;       // empty: as the client said, without its port when the scheme changes
  std::uint16_t port{0};  // 0: none, when scheme or host change
  PathChange path;
  bool keep_query{true};
};

/// Sends the client elsewhere, with an absolute Location so that no path (`//elsewhere`) is taken
/// for a host. A request that is there already passes.
class Redirect final : public Filter {
 public:
  explicit Redirect(RedirectOptions options) : options_{std::move(options)} {}
  Next on_request(const Request& request, Passage& passage) const override;

 private:
  RedirectOptions options_;
};

}  // namespace lb::filters
