#include "app/api/json_reader.hpp"

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/parse.hpp>

namespace booking::api {
namespace {

namespace json = boost::json;

constexpr std::size_t kLongestKey = 64;  // octets of a stranger's key that a pointer repeats

std::string child(const std::string& pointer, std::string_view key) {
  std::string out = pointer + '/';
  for (const char c : key.substr(0, kLongestKey)) {  // RFC 6901 §3
    if (c == '~')
      out += "~0";
    else if (c == '/')
      out += "~1";
    else
      out += c;
  }
  return out;
}

/// Only notices keys that come twice in one object: a json::object silently keeps the last, so two
/// readers of one body could see two bookings.
class KeyWatch {
 public:
  static constexpr std::size_t max_object_size = SIZE_MAX;
  static constexpr std::size_t max_array_size = SIZE_MAX;
  static constexpr std::size_t max_key_size = SIZE_MAX;
  static constexpr std::size_t max_string_size = SIZE_MAX;
  using Code = json::error_code;

  std::optional<std::string> twice;

  bool on_document_begin(Code&) { return true; }
  bool on_document_end(Code&) { return true; }
  bool on_object_begin(Code&) {
    open_.emplace_back();
    return true;
  }
  bool on_object_end(std::size_t, Code&) {
    open_.pop_back();
    return true;
  }
  bool on_array_begin(Code&) { return true; }
  bool on_array_end(std::size_t, Code&) { return true; }
  bool on_key_part(json::string_view part, std::size_t, Code&) {
    key_.append(part.data(), part.size());
    return true;
  }
  bool on_key(json::string_view part, std::size_t, Code&) {
    key_.append(part.data(), part.size());
    if (!open_.back().insert(key_).second && !twice) twice = key_;
    key_.clear();
    return true;
  }
  bool on_string_part(json::string_view, std::size_t, Code&) { return true; }
  bool on_string(json::string_view, std::size_t, Code&) { return true; }
  bool on_number_part(json::string_view, Code&) { return true; }
  bool on_int64(std::int64_t, json::string_view, Code&) { return true; }
  bool on_uint64(std::uint64_t, json::string_view, Code&) { return true; }
  bool on_double(double, json::string_view, Code&) { return true; }
  bool on_bool(bool, Code&) { return true; }
  bool on_null(Code&) { return true; }
  bool on_comment_part(json::string_view, Code&) { return true; }
  bool on_comment(json::string_view, Code&) { return true; }

 private:
  std::vector<std::set<std::string>> open_;
  std::string key_;
};

Problem malformed(std::string detail) { return {400, "invalid_json", std::move(detail), {}, {}}; }

}  // namespace

void ObjectReader::read(std::string_view key, std::string& out) {
  const auto* value = find(key);
  if (value == nullptr) return;
  if (const auto* text = value->if_string())
    out.assign(text->data(), text->size());
  else
    wrong_type(key, "문자열", "a string");
}

void ObjectReader::read(std::string_view key, std::int64_t& out) {
  const auto* value = find(key);
  if (value == nullptr) return;
  if (const auto* number = value->if_int64())
    out = *number;
  else
    wrong_type(key, "정수", "a whole number");
}

void ObjectReader::read(std::string_view key, bool& out) {
  std::optional<bool> read_value;
  read(key, read_value);
  if (read_value) out = *read_value;
}

void ObjectReader::read(std::string_view key, std::optional<bool>& out) {
  const auto* value = find(key);
  if (value == nullptr) return;
  if (const auto* truth = value->if_bool())
    out = *truth;
  else
    wrong_type(key, "참이나 거짓", "true or false");
}

std::vector<const json::object*> ObjectReader::objects(std::string_view key, std::size_t most) {
  const auto* items = array(key, most);
  if (items == nullptr) return {};
  std::vector<const json::object*> found;
  for (const auto& item : *items) {
    if (!item.is_object())
      wrong_type(std::string{key} + '/' + std::to_string(found.size()), "객체", "an object");
    found.push_back(item.if_object());
  }
  return found;
}

const json::object* ObjectReader::object(std::string_view key) {
  const auto* value = find(key);
  if (value == nullptr) return nullptr;
  if (!value->is_object()) wrong_type(key, "객체", "an object");
  return value->if_object();
}

std::vector<std::string> ObjectReader::strings(std::string_view key, std::size_t most) {
  const auto* items = array(key, most);
  if (items == nullptr) return {};
  std::vector<std::string> found;
  for (const auto& item : *items) {
    const auto* text = item.if_string();
    if (text == nullptr)
      wrong_type(std::string{key} + '/' + std::to_string(found.size()), "문자열", "a string");
    found.emplace_back(text == nullptr ? std::string{} : std::string{text->data(), text->size()});
  }
  return found;
}

void ObjectReader::require(std::string_view key) {
  if (!object_.contains(key))
    errors_.push_back({child(pointer_, key), "required", "꼭 있어야 합니다.", "is required"});
}

void ObjectReader::refuse_unknown() {
  for (const auto& member : object_)
    if (!known_.contains(std::string{member.key()}))
      errors_.push_back(
          {child(pointer_, member.key()), "unknown", "모르는 항목입니다.", "is not known here"});
}

const json::value* ObjectReader::find(std::string_view key) {
  known_.emplace(key);
  return object_.if_contains(key);
}

/// Nothing when it is not there, is no array, or is longer than it may be.
const json::array* ObjectReader::array(std::string_view key, std::size_t most) {
  const auto* value = find(key);
  if (value == nullptr) return nullptr;
  const auto* items = value->if_array();
  if (items == nullptr) {
    wrong_type(key, "배열", "an array");
    return nullptr;
  }
  if (items->size() <= most) return items;
  errors_.push_back({child(pointer_, key), "too_many",
                     "최대 " + std::to_string(most) + "개까지입니다.",
                     "at most " + std::to_string(most) + " items"});
  return nullptr;
}

void ObjectReader::wrong_type(std::string_view key, std::string_view korean,
                              std::string_view english) {
  errors_.push_back({pointer_ + '/' + std::string{key}, "wrong_type",
                     std::string{korean}.append("이어야 합니다."),
                     std::string{"must be "}.append(english)});
}

std::variant<json::object, Problem> parse_object(std::string_view body) {
  json::parse_options strict;
  strict.max_depth = kDeepestJson;
  json::basic_parser<KeyWatch> watch{strict};
  json::error_code error;
  const auto used = watch.write_some(false, body.data(), body.size(), error);
  if (!error && used < body.size()) error = json::error::extra_data;
  if (error == json::error::too_deep) return malformed("the JSON is nested too deeply");
  if (error)
    return malformed("the body is not JSON: " + error.message() + " near octet " +
                     std::to_string(used));
  if (watch.handler().twice)
    return Problem{400,
                   "duplicate_key",
                   "a key comes twice",
                   {{child("", *watch.handler().twice), "duplicate", "두 번 나왔습니다.",
                     "comes twice in one object"}},
                   {}};
  auto value = json::parse(body, error, {}, strict);
  if (error) return malformed("the body is not JSON: " + error.message());
  if (!value.is_object()) return malformed("the body must be a JSON object");
  return std::move(value.get_object());
}

}  // namespace booking::api
