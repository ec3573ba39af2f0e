#pragma once

#include "app/api/lifecycle.hpp"
#include "app/api/route_table.hpp"
#include "app/store/store.hpp"

#include <string>

namespace booking::api {

/// Answers for those who decide whether to send requests here.
class HealthEndpoints {
 public:
  struct Verdict {
    unsigned status{200};
    std::string body;  // JSON
  };

  HealthEndpoints(const store::Store& store, const Lifecycle& lifecycle)
      : store_{store}, lifecycle_{lifecycle} {}
  void add_to(RouteTable& routes);

  /// The event loop turns: that is all it says.
  static Verdict alive();
  /// Requests are welcome: the database answers, its schema is ours, nobody told us to leave. While
  /// nothing can be written that is said, and no reason to send reads elsewhere: no other bookd
  /// can.
  Verdict ready() const;

 private:
  const store::Store& store_;
  const Lifecycle& lifecycle_;
};

}  // namespace booking::api
