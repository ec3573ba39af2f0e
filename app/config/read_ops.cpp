#include "app/config/read_ops.hpp"

#include "common/address.hpp"

#include <set>

namespace booking::config {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// `http://10.0.0.11:9112`, in full: no name to resolve stands between an operator and the truth.
void read_address(const common::ConfigNode& node, const char* key, std::string& out) {
  node.read(key, out);
  if (out.empty()) return;
  std::string authority;
  for (const std::string_view scheme : {"http://", "https://"})
    if (out.starts_with(scheme)) authority = out.substr(scheme.size());
  const auto address = common::SocketAddress::parse(authority);
  if (!address || address->port == 0)
    node.fault(key, '"' + out + "\" cannot be asked", "an address such as http://10.0.0.11:9112");
}

void read_name(const common::ConfigNode& node, std::set<std::string>& taken, std::string& out) {
  node.require("name", out);
  if (node.has("name") && (out.empty() || !taken.insert(out).second))
    node.fault("name", '"' + out + "\" is empty or listed already", "a name of its own");
}

}  // namespace

void read_ops(const common::ConfigNode& node, ops::OpsOptions& out) {
  std::set<std::string> taken;
  for (const auto& item : node.items("load_balancers", 0, ops::OpsOptions::kMostNodes)) {
    auto& balancer = out.load_balancers.emplace_back();
    read_name(item, taken, balancer.name);
    read_address(item, "vrrpd", balancer.vrrpd);
    read_address(item, "lbd", balancer.lbd);
  }
  for (const auto& item : node.items("applications", 0, ops::OpsOptions::kMostNodes)) {
    auto& application = out.applications.emplace_back();
    read_name(item, taken, application.name);
    read_address(item, "address", application.address);
    if (application.address.empty())
      item.fault("address", "it has no address", "where its /readyz is: http://10.0.0.21:8080");
  }
  read_address(node, "alertmanager", out.alertmanager);
  node.read("backup_metrics", out.backup_metrics);
  if (!out.backup_metrics.empty() && !out.backup_metrics.starts_with("http://") &&
      !out.backup_metrics.starts_with("https://") && !out.backup_metrics.starts_with('/'))
    node.fault("backup_metrics", '"' + out.backup_metrics + "\" is neither address nor folder",
               "http://10.0.0.32:9100 or /var/lib/prometheus/node-exporter");
  const auto tls = node.section("tls");
  tls.read("ca_file", out.trust.ca_file);
  tls.read("certificate_file", out.trust.certificate_file);
  tls.read("key_file", out.trust.key_file);
  if (out.trust.certificate_file.empty() != out.trust.key_file.empty())
    tls.fault(out.trust.key_file.empty() ? "key_file" : "certificate_file",
              "a certificate and its key go together", "both, or none");
  node.read("interval", out.interval, {seconds{1}, seconds{300}});
  node.read("deadline", out.deadline, {milliseconds{100}, seconds{10}});
}

}  // namespace booking::config
