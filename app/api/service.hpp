#pragma once

#include "app/api/api_options.hpp"
#include "app/api/lifecycle.hpp"
#include "app/ops/watcher.hpp"
#include "app/privacy/vault.hpp"
#include "app/store/store.hpp"
#include "app/web/web_options.hpp"
#include "common/admin_server.hpp"
#include "common/metrics.hpp"
#include "common/result.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include <memory>
#include <string>
#include <vector>

namespace booking::api {

/// The whole HTTP face: guest API, admin API, pages and health on one listener. Options, store and
/// watcher are the caller's and outlive it; the io_context runs on one thread.
class Service {
 public:
  Service(boost::asio::io_context& context, const ApiOptions& options, const web::WebOptions& web,
          store::Store& store, privacy::Vault keys, const ops::Watcher& watcher,
          common::Metrics& metrics);
  ~Service();
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  /// /metrics, /livez and /readyz for the operator's listener.
  void add_to(common::AdminServer& admin);
  /// Throws when the files of TLS cannot be used.
  common::Result<common::SocketAddress> listen();
  /// Reads the files of TLS again.
  void renew();
  /// What it serves, for the test that holds the contract (openapi.yaml) to it.
  std::vector<std::string> routes() const;
  /// Leaves in good order; resumes when done.
  boost::asio::awaitable<void> drain();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace booking::api
