// Fuzz entry for what a browser's form sends.
#include "app/web/form_data.hpp"
#include "app/web/pages.hpp"
#include "common/contract.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace booking::web;
  const std::string text{data, data + size};
  const auto form = FormData::decode(text);
  if (!form) return 0;
  common::expects(form->size() <= FormData::kMostPairs, "a form is bounded");
  const std::string value{form->value("name")};
  common::expects(value.size() <= size, "decoding never grows");
  const WebOptions options;
  const auto empty = request_page({options}, {}, {}, {});
  const auto page = request_page({options}, {.key = value, .description = value}, {}, {});
  const auto tags = [](const std::string& markup) { return std::ranges::count(markup, '<'); };
  common::expects(tags(page) == tags(empty), "text never becomes a tag");
  return 0;
}
