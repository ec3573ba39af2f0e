#include "scripts/strobe/driver/options.hpp"

#include "common/units.hpp"
#include "scripts/strobe/measure/timeline.hpp"

#include <charconv>
#include <functional>
#include <map>

namespace strobe::driver {

const char* const kUsage =
    R"(usage: strobe --target ADDRESS:PORT|URL [options]
Sends requests at a constant rate and records what became of each. Latency counts from the instant a
request was due, whatever the others do.

  --target URL         http:// or https://HOST[:PORT][/PATH]; ADDRESS:PORT is in the clear
  --address ADDRESS[:PORT]  connects there, whatever the URL's host is, and asks for that host
  --ca FILE            whom to believe, PEM; without it the system's authorities. The certificate must
                       be for the URL's host: a name, or the address itself
  --unverified         believes anybody: https without looking at the certificate
  --path PATH          request target (/, or the URL's)
  --rate N             requests a second (100)
  --duration TIME      how long requests are scheduled (10s); or
  --count N            how many
  --keep-alive N       over at most N lasting connections; without it, a new connection a request
  --concurrency N      requests under way at most (1024); what exceeds it is recorded as overload
  --timeout TIME       of one attempt (2s)
  --book CONTENT       POST this JSON as a booking: with an Idempotency-Key of its own, again with the
                       same key until acknowledged. {n}, {n4} and {key} are filled in for each request
  --retry-for TIME     how long a booking is tried, from the instant it was due (10s)
  --field 'Name: x'    adds a field line; may be repeated
  --threshold TIME     a later answer counts into the longest gap (250ms)
  --lines FILE         a JSON line for each request, - for standard output
  --timeline TIME      the summary has what became of the requests due in each such stretch
  --summary FILE       JSON at the end (-)

The longest gap is the longest stretch of consecutive scheduled requests that failed or were not
answered within the threshold, from the first one's scheduled instant to that of the next good one.
TLS is 1.2 or 1.3, no session is resumed. A request's latency has its handshake in it; the summary
counts handshakes once more by themselves, and says why some failed.
)";

namespace {

template <class Number>
bool read_number(const std::string& text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size() && number > 0;
}

bool read_time(const std::string& text, common::Duration& duration) {
  const auto parsed = common::parse_duration(text);
  if (parsed) duration = *parsed;
  return parsed.has_value();
}

/// Without a port it is the target's that counts.
std::optional<common::SocketAddress> read_address(const std::string& text) {
  if (const auto ip = common::IpAddress::parse(text)) return common::SocketAddress{*ip, 0};
  return common::SocketAddress::parse(text);
}

using Reader = std::function<bool(const std::string&)>;

std::map<std::string, Reader, std::less<>> readers(Options& options) {
  return {
      {"--target",
       [&](const auto& text) {
         const auto parsed = Target::parse(text);
         if (!parsed) return false;
         options.target = *parsed;
         if (!parsed->path.empty()) options.request.target = parsed->path;
         return true;
       }},
      {"--address",
       [&](const auto& text) {
         options.address = read_address(text);
         return options.address.has_value();
       }},
      {"--ca",
       [&](const auto& text) {
         options.tls.ca_file = text;
         return !text.empty();
       }},
      {"--path",
       [&](const auto& text) {
         options.request.target = text;
         return text.starts_with('/');
       }},
      {"--rate", [&](const auto& text) { return read_number(text, options.rate); }},
      {"--duration", [&](const auto& text) { return read_time(text, options.duration); }},
      {"--count", [&](const auto& text) { return read_number(text, options.count); }},
      {"--keep-alive",
       [&](const auto& text) {
         options.keep_alive = true;
         return read_number(text, options.connections);
       }},
      {"--concurrency", [&](const auto& text) { return read_number(text, options.concurrency); }},
      {"--timeout", [&](const auto& text) { return read_time(text, options.timeout); }},
      {"--book",
       [&](const auto& text) {
         options.kind = "book";
         options.request.content = text;
         return !text.empty();
       }},
      {"--retry-for", [&](const auto& text) { return read_time(text, options.retry_for); }},
      {"--field",
       [&](const auto& text) {
         options.request.fields.push_back(text);
         return text.find(':') != std::string::npos &&
                text.find_first_of("\r\n") == std::string::npos;
       }},
      {"--threshold", [&](const auto& text) { return read_time(text, options.threshold); }},
      {"--timeline", [&](const auto& text) { return read_time(text, options.timeline); }},
      {"--lines",
       [&](const auto& text) {
         options.lines = text;
         return !text.empty();
       }},
      {"--summary",
       [&](const auto& text) {
         options.summary = text;
         return !text.empty();
       }},
  };
}

/// Where to connect and whom to believe; or what is wrong with it.
std::string settle_target(Options& options) {
  if (options.target.port == 0) return "--target is missing: ADDRESS:PORT or a URL";
  const bool trusts = !options.tls.ca_file.empty() || !options.tls.verify;
  if (trusts && !options.target.secure) return "--ca and --unverified are for an https:// target";
  if (!options.tls.ca_file.empty() && !options.tls.verify)
    return "--unverified looks at no certificate: there is no use for --ca";
  if (!options.address) {
    if (const auto ip = options.target.address()) options.address = {*ip, options.target.port};
  } else if (options.address->port == 0) {
    options.address->port = options.target.port;
  }
  return {};
}

bool timeline_fits(const Options& options) {
  if (options.timeline == common::Duration{0}) return true;
  const auto length = measure::Schedule{options.rate, options.count}.offset(options.count);
  return static_cast<std::uint64_t>(length / options.timeline) < measure::Timeline::kMostPoints;
}

}  // namespace

ReadOptions read_options(const std::vector<std::string>& arguments) {
  Options options;
  const auto known = readers(options);
  for (std::size_t i = 0; i < arguments.size();) {
    if (arguments[i] == "--unverified") {  // the one without a value
      options.tls.verify = false;
      ++i;
      continue;
    }
    const auto reader = known.find(arguments[i]);
    if (reader == known.end()) return {{}, "unknown option " + arguments[i]};
    if (i + 1 == arguments.size()) return {{}, arguments[i] + " needs a value"};
    if (!reader->second(arguments[i + 1]))
      return {{}, arguments[i] + ": cannot use '" + arguments[i + 1] + "'"};
    i += 2;
  }
  if (const auto fault = settle_target(options); !fault.empty()) return {{}, fault};
  if (options.count == 0) {
    options.count = static_cast<std::uint64_t>(
        options.rate * std::chrono::duration<double>(options.duration).count());
  }
  if (options.count == 0 || options.count > kMostRequests)
    return {{}, "a run has 1 to " + std::to_string(kMostRequests) + " requests"};
  if (!timeline_fits(options))
    return {{},
            "a timeline has at most " + std::to_string(measure::Timeline::kMostPoints) + " points"};
  options.request.host = options.target.authority();
  options.request.close = !options.keep_alive;
  if (options.kind == "book") {
    options.request.method = "POST";
    options.request.fields.emplace_back("Content-Type: application/json");
  }
  return {options, {}};
}

}  // namespace strobe::driver
