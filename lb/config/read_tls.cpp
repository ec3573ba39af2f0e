#include "lb/config/readers.hpp"
#include "lb/http/target.hpp"
#include "lb/tls/names.hpp"

#include <chrono>
#include <utility>

namespace lb::config {
namespace {

using common::ConfigNode;

constexpr std::size_t kMostCertificates = 1024;
constexpr std::size_t kMostNames = 256;

void read_client_policy(const ConfigNode& node, tls::ClientPolicy& policy) {
  using tls::ClientCertificate;
  node.read_choice("mode", policy.certificate,
                   {{"none", ClientCertificate::None},
                    {"optional", ClientCertificate::Optional},
                    {"required", ClientCertificate::Required}});
  node.read("ca_file", policy.ca_file);
  if (policy.certificate != ClientCertificate::None && policy.ca_file.empty())
    node.fault("ca_file", "nobody is named who may have signed them",
               "a file with the certificates of the authorities");
  if (policy.certificate == ClientCertificate::None && !policy.ca_file.empty())
    node.fault("mode", "no certificate is asked for", "optional or required");
}

/// `*.example.kr` or a name.
bool is_pattern(std::string_view name) {
  if (name.starts_with("*.")) name.remove_prefix(2);
  return !name.empty() && name.find_first_of("*/: ") == std::string_view::npos;
}

tls::CertificateOptions read_certificate(const ConfigNode& node) {
  tls::CertificateOptions options;
  node.require("certificate_file", options.certificate_file);
  node.require("key_file", options.key_file);
  node.read("ocsp_file", options.ocsp_file);
  node.read("names", options.names);
  if (options.names.size() > kMostNames)
    node.fault("names", "there are too many", "at most " + std::to_string(kMostNames));
  for (const auto& name : options.names)
    if (!is_pattern(name))
      node.fault("names", '"' + name + "\" is no name", "a host name, or *. and a name");
  const auto clients = node.section("client_certificates");
  tls::ClientPolicy policy;
  read_client_policy(clients, policy);
  if (node.has("client_certificates")) options.clients = std::move(policy);
  return options;
}

std::string read_hsts(const ConfigNode& node, bool wanted) {
  std::chrono::seconds max_age{std::chrono::hours{24 * 365}};
  bool subdomains = false;
  bool preload = false;
  node.read("max_age", max_age, {std::chrono::seconds{0}, std::chrono::hours{24 * 365 * 2}});
  node.read("subdomains", subdomains);
  node.read("preload", preload);
  if (preload && !subdomains)
    node.fault("preload", "lists of browsers take whole domains only", "subdomains: true, too");
  if (!wanted) return {};
  return "max-age=" + std::to_string(max_age.count()) + (subdomains ? "; includeSubDomains" : "") +
         (preload ? "; preload" : "");
}

void tell(const ConfigNode& tls, const std::vector<ConfigNode>& certificates,
          const tls::Faults& faults) {
  for (const auto& fault : faults) {
    const bool of_certificate = fault.key == "certificate_file" || fault.key == "key_file" ||
                                fault.key == "ocsp_file" || fault.key == "names" ||
                                fault.key == "client_certificates";
    auto node = of_certificate ? certificates[fault.certificate] : tls;
    auto key = fault.key;
    if (key == "ca_file") {
      const auto& own = certificates[fault.certificate];
      node = (own.has("client_certificates") ? own : tls).section("client_certificates");
    }
    if (fault.is_warning)
      node.warn(key, fault.wrong, fault.right);
    else
      node.fault(key, fault.wrong, fault.right);
  }
}

/// What every section `tls` of a listener has; null when it is not `wanted`, or faulty.
std::shared_ptr<tls::Server> read_server(const ConfigNode& node, bool wanted,
                                         tls::ServerOptions options) {
  auto certificates = node.items("certificates", wanted ? 1 : 0, kMostCertificates);
  bool whole = !certificates.empty();
  for (const auto& item : certificates) {
    options.certificates.push_back(read_certificate(item));
    whole = whole && item.has("certificate_file") && item.has("key_file");
  }
  node.read("strict_names", options.strict_names);
  node.read_choice(
      "profile", options.profile,
      {{"intermediate", tls::Profile::Intermediate}, {"modern", tls::Profile::Modern}});
  node.read("tickets", options.tickets);
  node.read("ticket_keys_file", options.ticket_keys_file);
  if (!options.tickets && !options.ticket_keys_file.empty())
    node.fault("ticket_keys_file", "no tickets are given out",
               "tickets: true, or no keys for them");
  read_client_policy(node.section("client_certificates"), options.clients);
  node.read("key_log_file", options.key_log_file);
  if (!options.key_log_file.empty())
    node.warn("key_log_file", "whoever reads this file reads every connection",
              "no key log, but for a while and for a reason");
  if (!wanted || !whole) return nullptr;
  tls::Faults faults;
  auto server = tls::Server::make(std::move(options), faults);
  tell(node, certificates, faults);
  return server;
}

}  // namespace

std::shared_ptr<tls::Server> read_tls(const ConfigNode& listener, bool http2) {
  const auto node = listener.section("tls");
  tls::ServerOptions options;
  if (http2) options.protocols.insert(options.protocols.begin(), "h2");
  options.hsts = read_hsts(node.section("hsts"), node.has("hsts"));
  node.read("ktls", options.ktls);
  return read_server(node, listener.has("tls"), std::move(options));
}

std::shared_ptr<tls::Server> read_admin_tls(const ConfigNode& root) {
  const auto admin = root.section("admin");
  return read_server(admin.section("tls"), admin.has("tls"), {});
}

std::shared_ptr<const tls::Client> read_upstream_tls(const ConfigNode& upstream,
                                                     std::string protocol) {
  const auto node = upstream.section("tls");
  tls::ClientOptions options;
  options.protocol = std::move(protocol);
  node.read("verify", options.verify);
  node.read("ca_file", options.ca_file);
  node.read("server_name", options.server_name);
  node.read("certificate_file", options.certificate_file);
  node.read("key_file", options.key_file);
  if (options.certificate_file.empty() != options.key_file.empty())
    node.fault(options.key_file.empty() ? "key_file" : "certificate_file",
               "a certificate and its key go together", "both, or none");
  else if (upstream.has("tls") && upstream.is_mapping("tls")) {
    if (!options.verify)
      node.warn("verify", "whoever answers at the endpoint's address is believed", "true");
    tls::Faults faults;
    auto client = tls::Client::make(std::move(options), faults);
    for (const auto& fault : faults)
      fault.is_warning ? node.warn(fault.key, fault.wrong, fault.right)
                       : node.fault(fault.key, fault.wrong, fault.right);
    return client;
  }
  return nullptr;
}

}  // namespace lb::config
