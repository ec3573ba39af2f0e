#include "vrrpd/tracking/make_check.hpp"

#include "vrrpd/tracking/file_check.hpp"
#include "vrrpd/tracking/host_check.hpp"
#include "vrrpd/tracking/http_check.hpp"
#include "vrrpd/tracking/interface_check.hpp"
#include "vrrpd/tracking/process_check.hpp"
#include "vrrpd/tracking/script_check.hpp"
#include "vrrpd/tracking/tcp_check.hpp"

#include <utility>

namespace vrrp::tracking {
namespace {

struct Maker {
  std::unique_ptr<Check> operator()(const HttpTarget&) { return make<HttpCheck>(); }
  std::unique_ptr<Check> operator()(const TcpTarget&) { return make<TcpCheck>(); }
  std::unique_ptr<Check> operator()(const InterfaceTarget&) { return make<InterfaceCheck>(); }
  std::unique_ptr<Check> operator()(const ProcessTarget&) { return make<ProcessCheck>(); }
  std::unique_ptr<Check> operator()(const FileTarget&) { return make<FileCheck>(); }
  std::unique_ptr<Check> operator()(const HostTarget&) { return make<HostCheck>(); }
  std::unique_ptr<Check> operator()(const ScriptTarget&) {
    return std::make_unique<ScriptCheck>(context, options, programs, std::move(on_finding));
  }

  template <class T>
  std::unique_ptr<Check> make() {
    return std::make_unique<T>(context, options, std::move(on_finding));
  }

  boost::asio::io_context& context;
  const TrackOptions& options;
  programs::Runner* programs;
  Check::OnFinding on_finding;
};

}  // namespace

std::unique_ptr<Check> make_check(boost::asio::io_context& context, const TrackOptions& options,
                                  programs::Runner* programs, Check::OnFinding on_finding) {
  return std::visit(Maker{context, options, programs, std::move(on_finding)}, options.target);
}

}  // namespace vrrp::tracking
