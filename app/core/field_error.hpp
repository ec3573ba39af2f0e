#pragma once

#include <string>

namespace booking::core {

/// One thing wrong with one field of a request, said so that the one who filled it in can mend it.
struct FieldError {
  std::string pointer;  // RFC 6901, into the JSON body: `/phone`, `/preferred/0/date`
  std::string code;     // stable, for programs: `required`, `too_long`, `invalid`, `past`, …
  std::string korean;
  std::string english;

  bool operator==(const FieldError&) const = default;
};

}  // namespace booking::core
