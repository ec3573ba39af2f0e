#pragma once

#include "lb/admin/control.hpp"
#include "lb/server/server.hpp"

#include <map>
#include <memory>
#include <string>
#include <utility>

namespace lb::server {

/// What the operator sees and does, on the control thread. From the process's first moment on: what
/// there is not yet is empty.
class ServerControl : public admin::Control {
 public:
  /// Opens what the sandbox would refuse later. `impl` outlives it.
  explicit ServerControl(Server::Impl& impl);
  ~ServerControl() override;

  admin::Status status() const override;
  admin::ProcessStatus process() const override;
  admin::Totals totals() const override;
  std::vector<admin::CertificateStatus> certificates() const override;
  admin::Sessions sessions(std::size_t most) const override;

  admin::CommandResult drain(std::string_view upstream, std::string_view endpoint) override;
  admin::CommandResult undrain(std::string_view upstream, std::string_view endpoint) override;
  admin::CommandResult set_weight(std::string_view upstream, std::string_view endpoint,
                                  std::uint32_t weight) override;
  admin::CommandResult add(std::string_view upstream, const admin::NewEndpoint& made) override;
  admin::CommandResult remove(std::string_view upstream, std::string_view endpoint) override;
  admin::CommandResult reload() override;
  admin::CommandResult offer_close(std::chrono::seconds how_long) override;
  admin::CommandResult set_log_level(common::LogLevel level) override;

 private:
  /// How long an endpoint took for what it answered lately.
  struct Latency {
    std::uint64_t count{0};
    std::uint64_t sum_us{0};
    double mean_us{0};  // of the last seconds; 0: nothing was answered yet
  };
  void follow_latencies() const;
  std::vector<admin::ListenerStatus> listeners() const;
  std::vector<admin::RouteStatus> routes() const;
  std::vector<admin::UpstreamStatus> upstreams() const;
  std::vector<admin::RecentError> errors() const;

  Server::Impl& impl_;
  common::WallTime started_;
  int memory_{-1};  // /proc/self/statm
  mutable std::map<std::pair<std::string, std::string>, Latency> latencies_;
};

}  // namespace lb::server
