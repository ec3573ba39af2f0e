#pragma once

#include "lb/filters/filter.hpp"
#include "lb/filters/text_template.hpp"

#include <optional>
#include <string_view>

namespace lb::filters {

struct FieldValue {
  std::string name;
  TextTemplate value;
};

/// `set` takes away every line of the name first, `add` does not.
struct FieldEditOptions {
  std::vector<FieldValue> set;
  std::vector<FieldValue> add;
  std::vector<std::string> remove;

  bool empty() const { return set.empty() && add.empty() && remove.empty(); }
};

/// Why a configuration must not touch the field in requests, or nothing: framing, fields of one
/// hop, and those that endpoints trust lbd to write.
std::optional<std::string_view> why_not_in_requests(std::string_view name);
/// The same for answers.
std::optional<std::string_view> why_not_in_answers(std::string_view name);

/// Fields towards the endpoint and towards the client.
class FieldEdits final : public Filter {
 public:
  FieldEdits(FieldEditOptions request, FieldEditOptions response)
      : request_{std::move(request)}, response_{std::move(response)} {}
  Next on_request(const Request& request, Passage& passage) const override;
  void on_response(Response& response, Passage& passage) const override;

 private:
  FieldEditOptions request_;
  FieldEditOptions response_;  // literal values only
};

/// Marks every line of `name` as not to be passed on.
void take_away(http::Fields& fields, std::string_view name);

}  // namespace lb::filters
