#pragma once

#include "lb/http/field_names.hpp"
#include "lb/http/method.hpp"
#include "lb/http/target.hpp"

#include <string_view>
#include <vector>

namespace lb::http {

/// One field line; views into the octets that were received.
struct Field {
  std::string_view name;
  std::string_view value;  // no blanks around it
  FieldId id{FieldId::Other};
  bool connection_specific{false};  // concerns one hop only, is not passed on (RFC 9110 §7.6.1)
};

/// In the order of arrival: the order of lines of one name means something (RFC 9110 §5.3).
using Fields = std::vector<Field>;

inline const Field* find(const Fields& fields, FieldId id) {
  for (const auto& field : fields)
    if (field.id == id) return &field;
  return nullptr;
}

/// Takes away what nobody but a proxy may say, so that neither conditions, filters nor endpoints
/// see a stranger's word about itself.
inline void drop_claims(Fields& fields) {
  std::erase_if(fields, [](const Field& field) { return is_for_proxies(field.id); });
}

/// Control data and fields of a request. Valid as long as the octets it was read from.
struct RequestHead {
  Method method{Method::Other};
  std::string_view method_name;
  Target target;
  std::string_view authority;  // of the target or of Host; empty only for a client too old to say
  Fields fields;
};

/// Control data and fields of an answer. Valid as long as the octets it was read from.
struct ResponseHead {
  unsigned status{0};
  Fields fields;
};

}  // namespace lb::http
