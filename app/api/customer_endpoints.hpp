#pragma once

#include "app/api/admin_gate.hpp"
#include "app/api/looks.hpp"
#include "app/api/route_table.hpp"

namespace booking::api {

/// Customers by their telephone numbers. A number is never part of a URL, and who looks at whose
/// data is in the audit log.
class CustomerEndpoints {
 public:
  CustomerEndpoints(const AdminGate& gate, store::Store& store, Looks& looks)
      : gate_{gate}, store_{store}, looks_{looks} {}
  void add_to(RouteTable& routes);

 private:
  boost::asio::awaitable<Response> search(const Request& request);
  boost::asio::awaitable<Response> show(const Request& request);
  boost::asio::awaitable<Response> change(const Request& request);
  boost::asio::awaitable<Response> merge(const Request& request);
  boost::asio::awaitable<Response> unmerge(const Request& request);
  boost::asio::awaitable<Response> erase(const Request& request);
  /// Merges or parts the customer of the path and the one the body names under `key`.
  boost::asio::awaitable<Response> join(const Request& request, std::string_view key, bool apart);

  const AdminGate& gate_;
  store::Store& store_;
  Looks& looks_;
};

}  // namespace booking::api
