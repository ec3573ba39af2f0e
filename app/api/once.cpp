#include "app/api/once.hpp"

#include "app/api/preconditions.hpp"

namespace booking::api {

namespace asio = boost::asio;

namespace {

/// With their lengths in front, so that no two different requests read the same.
std::string text_of(const Request& request, std::string_view who) {
  std::string text;
  for (const std::string_view part :
       {who, std::string_view{request.method}, std::string_view{request.path},
        std::string_view{request.body}}) {
    text += std::to_string(part.size()) + ':';
    text += part;
  }
  return text;
}

}  // namespace

asio::awaitable<std::variant<Turn, Response>> take_turn(const Request& request,
                                                        const AdminGate& gate, store::Store& store,
                                                        Need need) {
  auto admitted = co_await gate.admit(request, need);
  if (const auto* problem = std::get_if<Problem>(&admitted))
    co_return to_response(*problem, request);
  auto& visitor = std::get<Visitor>(admitted);
  const auto key = idempotency_key_of(request);
  if (const auto* problem = std::get_if<Problem>(&key)) co_return to_response(*problem, request);
  store::Once once{.key = std::get<std::string>(key),
                   .request = text_of(request, visitor.session.username),
                   .now = common::wall_now()};
  const auto known = co_await store.office().recall(once);
  if (!known) co_return to_response(store_problem(known.error()), request);
  if (!*known) co_return Turn{std::move(visitor), std::move(once)};
  if (const auto* replay = std::get_if<store::Replay>(&**known)) co_return told_again(*replay);
  co_return to_response(key_problem(std::get<store::KeyRefusal>(**known)), request);
}

Response answer_of(const store::Once& once) {
  if (once.body.empty()) return {once.status, {}, {}};
  return json_response(once.status, once.body);
}

Response told_again(const store::Replay& replay) {
  auto response = replay.body.empty() ? Response{replay.status, {}, {}}
                                      : json_response(replay.status, replay.body);
  response.set("Idempotency-Replayed", "true");
  return response;
}

Problem key_problem(store::KeyRefusal refusal) {
  return move_problem(refusal == store::KeyRefusal::Mismatch ? store::MoveRefusal::KeyMismatch
                                                             : store::MoveRefusal::KeyRunning);
}

}  // namespace booking::api
