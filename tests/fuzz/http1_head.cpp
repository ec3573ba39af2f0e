// Fuzz entry for request and answer heads.
#include "common/contract.hpp"
#include "lb/http1/head_parser.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace lb;
  const std::string text{data, data + size};
  const http1::Limits limits;
  http1::ParsedRequest request;
  const auto taken = http1::parse_request(text, limits, request);
  if (taken && *taken > 0) {
    common::expects(*taken <= size, "a head is no longer than its octets");
    for (const auto& field : request.head.fields)
      common::expects(!field.name.empty() && field.value.find_first_of("\r\n") == text.npos,
                      "no line ends within a field");
    // One octet less must be incomplete, never another answer: that is what smuggling is made of.
    http1::ParsedRequest shorter;
    const auto less = http1::parse_request({text.data(), *taken - 1}, limits, shorter);
    common::expects(less && *less == 0, "a head ends in one place");
  }
  http1::ParsedResponse answer;
  const auto head = http1::parse_response(text, limits, http::Method::Get, answer);
  common::expects(!head || *head <= size, "a head is no longer than its octets");
  return 0;
}
