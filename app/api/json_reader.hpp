#pragma once

#include "app/api/json_body.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace booking::api {

using FieldErrors = std::vector<core::FieldError>;

/// The members of one object, each asked for once; afterwards what nobody asked for is a fault.
/// What is not there leaves `out` alone.
class ObjectReader {
 public:
  ObjectReader(const boost::json::object& object, std::string pointer, FieldErrors& errors)
      : object_{object}, pointer_{std::move(pointer)}, errors_{errors} {}
  ~ObjectReader() = default;
  ObjectReader(const ObjectReader&) = delete;
  ObjectReader& operator=(const ObjectReader&) = delete;

  void read(std::string_view key, std::string& out);
  void read(std::string_view key, std::int64_t& out);
  void read(std::string_view key, bool& out);
  void read(std::string_view key, std::optional<bool>& out);
  /// The array's objects, nothing for what is none.
  std::vector<const boost::json::object*> objects(std::string_view key, std::size_t most);
  /// Nothing when it is not there or is no object.
  const boost::json::object* object(std::string_view key);
  std::vector<std::string> strings(std::string_view key, std::size_t most);
  bool has(std::string_view key) const { return object_.contains({key.data(), key.size()}); }
  void require(std::string_view key);
  void refuse_unknown();

 private:
  const boost::json::value* find(std::string_view key);
  const boost::json::array* array(std::string_view key, std::size_t most);
  void wrong_type(std::string_view key, std::string_view korean, std::string_view english);

  const boost::json::object& object_;
  std::string pointer_;
  FieldErrors& errors_;
  std::set<std::string> known_;
};

/// The body as an object, or why it is none.
std::variant<boost::json::object, Problem> parse_object(std::string_view body);

/// Parses the body and lets `fill` take the members out.
template <class T, class Fill>
Read<T> read_object(std::string_view body, Fill fill) {
  auto parsed = parse_object(body);
  if (auto* problem = std::get_if<Problem>(&parsed)) return std::move(*problem);
  FieldErrors errors;
  T out{};
  ObjectReader reader{std::get<boost::json::object>(parsed), "", errors};
  fill(reader, out, errors);
  reader.refuse_unknown();
  if (!errors.empty()) return fields_problem(std::move(errors));
  return out;
}

}  // namespace booking::api
