// Fuzz entry for the chunked coding: in one piece and octet by octet must be the same.
#include "common/contract.hpp"
#include "lb/http1/chunked.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

namespace {
std::string decode(std::string_view input, std::size_t piece) {
  const lb::http1::Limits limits;
  lb::http1::ChunkedDecoder decoder{limits};
  std::string content;
  while (!input.empty() && !decoder.finished()) {
    const auto step = decoder.next(input.substr(0, piece));
    if (!step) return content + "\n" + std::string{lb::http1::label_of(step.error())};
    content += step->content;
    input.remove_prefix(step->consumed);
  }
  return content + (decoder.finished() ? "\nend" : "\nmore");
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text{data, data + size};
  common::expects(decode(text, 1) == decode(text, text.size() + 1), "pieces do not matter");
  return 0;
}
