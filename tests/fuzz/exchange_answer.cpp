// Fuzz entry for whole answers, interim ones before them: what a client would get must be what a
// strict reader of its own makes of the endpoint's octets, and what is cut must look cut. The first
// octet chooses who asks.
#include "common/contract.hpp"
#include "lb/http/status.hpp"
#include "lb/http1/chunked.hpp"
#include "lb/proxy/forwarded_head.hpp"
#include "lb/proxy/proxy_options.hpp"
#include "tests/support/strict_http1.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace {

using common::expects;
using Kind = lb::http1::BodyLength::Kind;
using tests::strict::Verdict;

/// The content as the relay passes it on, coded as the client is told. False when it is cut.
bool pass_content(const lb::http1::BodyLength& body, bool chunked, std::string_view rest,
                  std::string& out, std::size_t& consumed) {
  const auto add = [&](std::string_view content) {
    if (content.empty()) return;
    if (chunked) out += lb::http1::ChunkHead{content.size()}.text();
    out += content;
    if (chunked) out += lb::http1::kChunkEnd;
  };
  switch (body.kind) {
    case Kind::None:
      return true;
    case Kind::Counted:
      consumed = static_cast<std::size_t>(std::min<std::uint64_t>(body.octets, rest.size()));
      out += rest.substr(0, consumed);
      return consumed == body.octets;
    case Kind::UntilClose:
      consumed = rest.size();
      add(rest);
      if (chunked) out += lb::http1::kLastChunk;
      return true;
    case Kind::Chunked:
      break;
  }
  const lb::http1::Limits limits;
  lb::http1::ChunkedDecoder decoder{limits};
  while (consumed < rest.size() && !decoder.finished()) {
    const auto step = decoder.next(rest.substr(consumed));
    if (!step) return false;
    consumed += step->consumed;
    add(step->content);
  }
  if (decoder.finished() && chunked) out += lb::http1::kLastChunk;
  return decoder.finished();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace lb;
  if (size == 0) return 0;
  const bool is_head = (data[0] & 1U) != 0;
  const bool persistent = (data[0] & 2U) != 0;
  const int minor_version = (data[0] & 4U) != 0 ? 0 : 1;
  const auto method = is_head ? http::Method::Head : http::Method::Get;
  const auto* name = is_head ? "HEAD" : "GET";
  const std::string all{data + 1, data + size};
  std::string_view rest = all;
  const http1::Limits limits;
  static http1::ParsedResponse answer;
  while (true) {
    const auto head = http1::parse_response(rest, limits, method, answer);
    const auto meant = tests::strict::read_answer(rest, name, true);
    if (!head) return 0;
    if (*head == 0) {
      expects(!meant.head_whole, "a head that has come is read");
      return 0;
    }
    expects(meant.head_whole && meant.head_size == *head, "a head ends in one place");
    expects(meant.status == static_cast<int>(answer.head.status), "there is one status");
    if (answer.head.status == 101) return 0;  // a tunnel, or refused
    if (http::is_interim(answer.head.status)) {
      expects(meant.verdict == Verdict::Whole && meant.size == *head, "it has no content");
      rest.remove_prefix(*head);
      continue;
    }
    const auto framing = proxy::frame_answer(answer, persistent, minor_version);
    std::vector<char> memory(http1::Limits{}.head + proxy::kAddedFields);
    http1::Writer out{memory};
    proxy::write_response_head(out, answer, framing, http::date_text({}));
    if (out.overflowed()) return 0;
    std::string sent{memory.data(), out.size()};
    std::size_t consumed = 0;
    const bool whole =
        pass_content(answer.body, framing.chunked, rest.substr(*head), sent, consumed);
    // Without a length and without chunks only a reset tells that it is cut; the relay sends one.
    const bool told_by_reset = !framing.chunked && (answer.body.kind == Kind::Chunked ||
                                                    answer.body.kind == Kind::UntilClose);
    const auto got = tests::strict::read_answer(sent, name, framing.close);
    expects(got.head_whole && got.status == meant.status, "a client gets one answer");
    const auto said = got.values("connection");
    expects(framing.close == (std::find(said.begin(), said.end(), "close") != said.end()),
            "a client is told when the connection ends");
    if (!whole) {
      expects(told_by_reset || got.verdict == Verdict::Incomplete, "what is cut looks cut");
      return 0;
    }
    expects(meant.verdict == Verdict::Whole && meant.size == *head + consumed,
            "an answer ends in one place");
    expects(got.verdict == Verdict::Whole && got.size == sent.size(), "a client gets one answer");
    expects(got.body == meant.body, "the content is the endpoint's");
    expects(got.values("set-cookie") == meant.values("set-cookie"), "fields are the endpoint's");
    return 0;
  }
}
