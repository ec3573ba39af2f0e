#include "lb/admin/commands.hpp"

#include "lb/admin/json.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <initializer_list>

namespace lb::admin {
namespace {

namespace json = boost::json;
template <class T>
using Read = common::Result<T, CommandError>;

CommandError bad(std::string detail) { return {Refused::BadValue, std::move(detail), {}}; }

/// An object of no other members than these.
Read<json::object> read_object(std::string_view content,
                               std::initializer_list<std::string_view> members) {
  boost::system::error_code error;
  json::parse_options options;
  options.max_depth = 4;
  auto value = json::parse(json::string_view{content.data(), content.size()}, error, {}, options);
  if (error) return bad("The content is not JSON: " + error.message() + '.');
  if (!value.is_object()) return bad("The content is no JSON object.");
  for (const auto& member : value.get_object()) {
    const std::string_view key{member.key().data(), member.key().size()};
    if (std::find(members.begin(), members.end(), key) == members.end())
      return bad("There is no member \"" + std::string{key.substr(0, 64)} + "\" here.");
  }
  return std::move(value.get_object());
}

/// Keeps `out` when the member is absent. The error, or nothing.
std::optional<CommandError> read_number(const json::object& from, const char* key,
                                        std::uint32_t most, std::uint32_t& out) {
  const auto* const member = from.if_contains(key);
  if (member == nullptr) return std::nullopt;
  boost::system::error_code error;
  const auto number = member->to_number<std::int64_t>(error);
  if (error || number < 0 || number > most)
    return bad(std::string{key} + " is a whole number from 0 to " + std::to_string(most) + '.');
  out = static_cast<std::uint32_t>(number);
  return std::nullopt;
}

std::optional<CommandError> read_text(const json::object& from, const char* key, std::string& out) {
  const auto* const member = from.if_contains(key);
  if (member == nullptr) return std::nullopt;
  if (!member->is_string() || member->get_string().size() > 255)
    return bad(std::string{key} + " is a string of at most 255 octets.");
  out.assign(member->get_string().data(), member->get_string().size());
  return std::nullopt;
}

unsigned status_of(Refused kind) {
  switch (kind) {
    case Refused::NotFound:
      return 404;
    case Refused::Conflict:
      return 409;
    case Refused::BadValue:
      return 422;
    case Refused::Unavailable:
      return 503;
    case Refused::Failed:
      break;
  }
  return 500;
}

std::string_view code_of(Refused kind) {
  switch (kind) {
    case Refused::NotFound:
      return "not_found";
    case Refused::Conflict:
      return "conflict";
    case Refused::BadValue:
      return "bad_value";
    case Refused::Unavailable:
      return "unavailable";
    case Refused::Failed:
      break;
  }
  return "failed";
}

}  // namespace

Read<NewEndpoint> read_new_endpoint(std::string_view content) {
  const auto object =
      read_object(content, {"address", "name", "weight", "tier", "backup", "max_connections"});
  if (!object) return object.error();
  constexpr std::uint32_t kMostTier = 99;
  constexpr std::uint32_t kMostConnections = 1'000'000;
  NewEndpoint made;
  for (const auto& fault :
       {read_text(*object, "address", made.address), read_text(*object, "name", made.name),
        read_number(*object, "weight", Control::kMostWeight, made.weight),
        read_number(*object, "tier", kMostTier, made.tier),
        read_number(*object, "max_connections", kMostConnections, made.most_connections)})
    if (fault) return *fault;
  if (made.address.empty()) return bad("address is missing, such as \"10.0.0.23:8080\".");
  if (const auto* const backup = object->if_contains("backup")) {
    if (!backup->is_bool()) return bad("backup is true or false.");
    made.backup = backup->get_bool();
  }
  return made;
}

Read<std::uint32_t> read_weight(std::string_view content) {
  const auto object = read_object(content, {"weight"});
  if (!object) return object.error();
  std::uint32_t weight = 0;
  if (!object->contains("weight")) return bad("weight is missing.");
  if (const auto fault = read_number(*object, "weight", Control::kMostWeight, weight))
    return *fault;
  return weight;
}

Read<std::chrono::seconds> read_offer_close(std::string_view content) {
  const auto object = read_object(content, {"seconds"});
  if (!object) return object.error();
  if (!object->contains("seconds")) return bad("seconds is missing.");
  std::uint32_t seconds = 0;
  if (const auto fault = read_number(
          *object, "seconds", static_cast<std::uint32_t>(Control::kLongestOffer.count()), seconds))
    return *fault;
  return std::chrono::seconds{seconds};
}

Read<common::LogLevel> read_log_level(std::string_view content) {
  const auto object = read_object(content, {"level"});
  if (!object) return object.error();
  std::string text;
  if (const auto fault = read_text(*object, "level", text)) return *fault;
  if (const auto level = parse_log_level(text)) return *level;
  return bad("level is one of debug, info, warn, error.");
}

common::AdminAnswer answer_of(const CommandResult& result) {
  if (!result) return answer_of(result.error());
  return {.content_type = "application/json",
          .body = json::serialize(json::object{{"done", *result}}) + '\n'};
}

common::AdminAnswer answer_of(const CommandError& error) {
  auto answer = common::admin_problem(status_of(error.kind), code_of(error.kind), error.detail);
  if (error.kind == Refused::Unavailable) answer.fields.emplace_back("Retry-After", "1");
  if (error.faults.empty()) return answer;
  auto problem = json::parse(answer.body).get_object();
  problem["faults"] = list_json(error.faults);
  answer.body = json::serialize(problem) + '\n';
  return answer;
}

}  // namespace lb::admin
