#include "lb/config/readers.hpp"

namespace lb::config {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

constexpr common::DurationRange kWait{milliseconds{50}, hours{1}};
constexpr common::DurationRange kHold{milliseconds{50}, hours{24}};
constexpr std::size_t kMostServers = 8;
constexpr std::uint16_t kDnsPort = 53;

}  // namespace

void read_resolver(const common::ConfigNode& node, discovery::ResolverOptions& options) {
  std::vector<std::string> words;
  node.read("servers", words);
  if (words.size() > kMostServers)
    node.fault("servers", "there are too many", "at most 8 name servers");
  for (const auto& word : words) {
    auto address = common::SocketAddress::parse(word);
    if (const auto ip = common::IpAddress::parse(word)) address = {*ip, kDnsPort};
    if (address && address->port != 0)
      options.servers.push_back(*address);
    else
      node.fault("servers", '"' + word + "\" is no name server",
                 "an address, with a port if it is not 53, such as 10.0.0.2 or 127.0.0.1:5353");
  }
  node.read("timeout", options.timeout, kWait);
  node.read("attempts", options.attempts, {1, 10});
  node.read("least_ttl", options.least_ttl, kHold);
  node.read("most_ttl", options.most_ttl, kHold);
  if (options.most_ttl < options.least_ttl)
    node.fault("most_ttl", "it is below least_ttl", "at least least_ttl");
  node.read("retry", options.retry, kHold);
  node.read("most_retry", options.most_retry, kHold);
  if (options.most_retry < options.retry)
    node.fault("most_retry", "it is below retry", "at least retry");
}

}  // namespace lb::config
