// Fuzz entry for whole requests, one behind the other as on a connection: what an endpoint would
// get must be what a strict reader of its own makes of the input, octet for octet of the content,
// and must end where that says it ends.
#include "common/contract.hpp"
#include "lb/http/trailers.hpp"
#include "lb/http1/chunked.hpp"
#include "lb/http1/trailers.hpp"
#include "lb/proxy/admission.hpp"
#include "lb/proxy/forwarded_head.hpp"
#include "lb/proxy/upgrade.hpp"
#include "tests/support/strict_http1.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace {

using common::expects;
using lb::http1::BodyLength;
using tests::strict::Message;
using tests::strict::Verdict;

std::string lower(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

struct Passed {
  std::string octets;       // to the endpoint
  std::size_t consumed{0};  // of the input
};

/// The body as the pump passes it on; nothing when it is refused or has not come to its end
/// (`cut`).
std::optional<Passed> pass_body(const BodyLength& body, std::string_view rest, bool& cut) {
  Passed out;
  if (body.kind == BodyLength::Kind::Counted) {
    cut = rest.size() < body.octets;
    if (cut) return std::nullopt;
    out.octets = rest.substr(0, static_cast<std::size_t>(body.octets));
    out.consumed = out.octets.size();
  } else if (body.kind == BodyLength::Kind::Chunked) {
    const lb::http1::Limits limits;
    std::string trailers;
    lb::http1::ChunkedDecoder decoder{limits, &trailers};
    while (out.consumed < rest.size() && !decoder.finished()) {
      const auto step = decoder.next(rest.substr(out.consumed));
      if (!step) return std::nullopt;
      out.consumed += step->consumed;
      if (step->content.empty()) continue;
      out.octets += lb::http1::ChunkHead{step->content.size()}.text();
      out.octets += step->content;
      out.octets += lb::http1::kChunkEnd;
    }
    cut = !decoder.finished();
    if (cut) return std::nullopt;
    out.octets += lb::http1::kLastChunkHead;
    out.octets += lb::http1::passable_trailers(trailers);
    out.octets += lb::http1::kChunkEnd;
  }
  return out;
}

/// Fields that lbd writes itself, whatever the client said.
const std::vector<std::string> kOurs{
    "host",         "content-length",  "transfer-encoding", "via",
    "forwarded",    "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host",
    "x-request-id", "connection",      "upgrade",           "te",
    "trailer",      "expect"};

/// Fields of the client's own hop, what only a proxy may say, disguises of what an endpoint trusts,
/// and what no trailer may say.
const std::vector<std::string> kForbidden{"keep-alive",
                                          "proxy-connection",
                                          "proxy",
                                          "http2-settings",
                                          "x-real-ip",
                                          "x-forwarded-port",
                                          "x_real_ip",
                                          "content_length",
                                          "transfer_encoding",
                                          "x_forwarded_for",
                                          "x_forwarded_proto",
                                          "x_forwarded_host",
                                          "x.real.ip",
                                          "x-forwarded-ssl",
                                          "x-forwarded-prefix",
                                          "client-ip",
                                          "true-client-ip",
                                          "cf-connecting-ip",
                                          "client-cert",
                                          "x-original-url",
                                          "x-rewrite-url",
                                          "x-client-cert-subject",
                                          "x-client-cert-fingerprint",
                                          "x_client_cert_subject"};

bool is_one_of(const std::string& name, const std::vector<std::string>& names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool names_h2c(const std::string& list) {
  auto names = "," + lower(list) + ",";
  std::erase_if(names, [](char one) { return one == ' ' || one == '\t'; });
  return names.find(",h2c,") != std::string::npos || names.find(",h2c/") != std::string::npos;
}

/// What is said of our own hop is one of few things.
void check_hop(const Message& got) {
  for (const auto& value : got.values("connection"))
    expects(value == "upgrade" || value == "TE" || value == "upgrade, TE", "Connection is ours");
  for (const auto& value : got.values("te")) expects(value == "trailers", "TE is ours");
  for (const auto& value : got.values("expect"))
    expects(lower(value) == "100-continue", "one expectation is known");
  for (const auto& value : got.values("upgrade"))
    expects(!names_h2c(value), "h2c is never forwarded");
  expects(
      got.values("upgrade").empty() || (got.body.empty() && got.values("connection").size() == 1),
      "no upgrade with content");
}

void compare(const Message& meant, const Message& got) {
  expects(got.method == meant.method, "the method is the client's");
  expects(got.body == meant.body, "the content is the client's");
  expects(got.version == "HTTP/1.1", "lbd speaks HTTP/1.1");
  auto target = meant.target;
  auto hosts = meant.values("host");
  if (target.front() != '/' && target != "*") {
    const auto authority = target.find("//") + 2;
    const auto path = std::min(target.find_first_of("/?", authority), target.size());
    hosts = {target.substr(authority, path - authority)};
    target = target.substr(path);
    if (target.empty() && meant.method == "OPTIONS")
      target = '*';  // RFC 9112 §3.2.4
    else if (target.empty() || target.front() == '?')
      target = '/' + target;  // RFC 9112 §3.2.1
  }
  expects(got.target == target, "the target is the client's");
  if (hosts.empty()) hosts = {"upstream"};
  expects(got.values("host") == hosts, "Host is the target's authority, or the client's");
  expects(got.values("x-forwarded-for").size() == 1 && got.values("x-request-id").size() == 1,
          "what lbd says it says once");
  check_hop(got);
  for (const auto& trailer : got.trailers) {
    const auto name = lower(trailer.first);
    expects(!is_one_of(name, kForbidden) && !is_one_of(name, kOurs) && name != "authorization" &&
                name != "cookie",
            "a trailer says nothing that only a head may say");
    expects(
        std::find(meant.trailers.begin(), meant.trailers.end(), trailer) != meant.trailers.end(),
        "a trailer is the client's");
  }
  auto at = meant.fields.begin();
  for (const auto& field : got.fields) {
    const auto name = lower(field.first);
    if (is_one_of(name, kOurs)) continue;
    expects(!is_one_of(name, kForbidden), "what belongs to the client's hop stays there");
    at = std::find(at, meant.fields.end(), field);
    expects(at != meant.fields.end(), "every other field is the client's, in its order");
    ++at;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace lb;
  const std::string all{data, data + size};
  std::string_view rest = all;
  const http1::Limits limits;
  static http1::ParsedRequest request;  // its memory is used again, as a worker's is
  for (int count = 0; count < 16 && !rest.empty(); ++count) {
    const auto head = http1::parse_request(rest, limits, request);
    const auto meant = tests::strict::read_request(rest);
    if (!head) return 0;  // refused: nothing behind it is read
    if (*head == 0) {
      expects(!meant.head_whole, "a head that has come is read");
      return 0;
    }
    expects(meant.head_whole, "what is let through is a request");
    expects(meant.head_size == *head, "a head ends in one place");
    if (request.head.method == http::Method::Connect) return 0;
    bool cut = false;
    const auto body = pass_body(request.body, rest.substr(*head), cut);
    if (cut) expects(meant.verdict == Verdict::Incomplete, "who waits for more waits with reason");
    if (!body) return 0;
    expects(meant.verdict == Verdict::Whole, "what is passed on whole is a whole request");
    expects(meant.size == *head + body->consumed, "a request ends in one place");

    std::vector<char> memory(http1::Limits{}.head + proxy::kAddedFields);
    http1::Writer out{memory};
    const auto upgrade =
        request.connection.upgrade ? proxy::forwardable_upgrade(request) : std::string{};
    const auto announced = request.body.kind == BodyLength::Kind::Chunked
                               ? http::announced_trailers(request.head.fields)
                               : std::string{};
    const auto peer = *common::IpAddress::parse("192.0.2.1");
    const auto origin = proxy::find_origin(request.head, peer, {});
    expects(!origin.by_proxy, "who is not listed is a stranger");
    http::drop_claims(request.head.fields);
    proxy::write_request_head(out, request, origin,
                              {.request_id = "id",
                               .peer = "192.0.2.1",
                               .upstream = "upstream",
                               .upgrade = upgrade,
                               .trailers = announced,
                               .expects_continue = request.expects_continue});
    expects(!out.overflowed(), "buffers hold the largest head and what lbd adds");
    const auto sent = std::string{memory.data(), out.size()} + body->octets;
    const auto got = tests::strict::read_request(sent);
    expects(got.verdict == Verdict::Whole && got.size == sent.size(),
            "an endpoint gets one request");
    compare(meant, got);
    rest.remove_prefix(meant.size);
  }
  return 0;
}
