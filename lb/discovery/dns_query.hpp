#pragma once

#include "common/result.hpp"
#include "lb/discovery/dns_answer.hpp"
#include "lb/discovery/resolver_options.hpp"
#include "lb/net/asio.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace lb::discovery {

enum class RecordType : std::uint8_t { A, Aaaa, Srv };

/// Questions to name servers, over one channel of c-ares that lives in one io_context. Made for one
/// look-up: what /etc/resolv.conf says now is what counts, and each look-up has ports of its own.
class DnsChannel {
 public:
  DnsChannel(net::Executor executor, const ResolverOptions& options);
  /// Ends what is asked.
  ~DnsChannel();
  DnsChannel(const DnsChannel&) = delete;
  DnsChannel& operator=(const DnsChannel&) = delete;

  /// The whole answer as it came.
  using Answer = common::Result<std::vector<std::uint8_t>, DnsFault>;
  class Question;
  /// Asks now; the answer is there when `wait` returns. A name without a dot is tried below the
  /// search domains, too.
  std::shared_ptr<Question> ask(const std::string& name, RecordType type);
  static net::Awaitable<Answer> wait(std::shared_ptr<Question> question);
  /// What /etc/hosts says of the name; it comes before any name server.
  std::vector<common::IpAddress> hosts_file(const std::string& name, RecordType type) const;
  void cancel();

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

/// For a person.
std::string_view describe(DnsFault fault);

}  // namespace lb::discovery
