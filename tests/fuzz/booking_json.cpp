// Fuzz entry for the JSON bodies of requests and for the problems that answer them.
#include "app/api/json_body.hpp"
#include "common/contract.hpp"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace booking;
  const std::string text{data, data + size};
  const auto read = api::read_booking(text);
  if (const auto* problem = std::get_if<api::Problem>(&read)) {
    common::expects(problem->status == 400, "a bad body is the client's fault");
    common::expects(!api::to_json(*problem, "id").empty(), "and is said");
  } else {
    const auto& draft = std::get<core::BookingDraft>(read);
    common::expects(draft.preferred.size() <= core::kMaxPreferred, "lists are bounded");
    static_cast<void>(core::validate(draft, common::WallTime{}));
  }
  static_cast<void>(api::read_lookup(text));
  static_cast<void>(api::read_visit(text));
  return 0;
}
