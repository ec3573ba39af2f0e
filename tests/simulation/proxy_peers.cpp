#include "tests/simulation/proxy_peers.hpp"

#include <algorithm>

namespace simulation {

using tests::strict::Message;
using tests::strict::Verdict;

namespace {
constexpr std::size_t kPiece = 4096;
}

const char* name_of(Kind kind) {
  switch (kind) {
    case Kind::None:
      return "none";
    case Kind::Finish:
      return "finish";
    case Kind::Close:
      return "close";
    case Kind::Reset:
      return "reset";
    case Kind::Stall:
      return "stall";
  }
  return "";
}

ScriptedClient::ScriptedClient(Wire wire, std::vector<Request> requests, bool pipelined,
                               Fault fault)
    : wire_{std::move(wire)},
      requests_{std::move(requests)},
      pipelined_{pipelined},
      fault_{fault} {}

bool ScriptedClient::step() {
  if (left_) return false;
  bool moved = false;
  std::size_t may_receive = kPiece;
  if (fault_.after == Fault::After::Received && !fault_.is_none() && !struck_)
    may_receive = std::min(may_receive, fault_.octets - wire_.received().size());
  if (!stalled_) moved = wire_.receive(may_receive) > 0;
  const auto reached = fault_.after == Fault::After::Sent ? sent_ : wire_.received().size();
  if (!fault_.is_none() && !struck_ && reached >= fault_.octets) return strike();
  if (struck_) return moved;

  std::size_t end = 0;  // what may have been sent by now
  const auto most = pipelined_ ? requests_.size() : answered() + 1;
  for (std::size_t i = 0; i < std::min(most, requests_.size()); ++i)
    end += requests_[i].octets.size();
  if (fault_.after == Fault::After::Sent && !fault_.is_none()) end = std::min(end, fault_.octets);
  std::string all;
  for (const auto& request : requests_) all += request.octets;
  if (sent_ < end && !wire_.ended()) {
    const auto count = wire_.send(std::string_view{all}.substr(sent_, end - sent_));
    sent_ += count;
    moved = moved || count > 0;
  }
  return moved;
}

bool ScriptedClient::strike() {
  struck_ = true;
  switch (fault_.kind) {
    case Kind::None:
      break;
    case Kind::Finish:
      wire_.finish();
      break;
    case Kind::Stall:
      stalled_ = fault_.after == Fault::After::Received;  // else it goes on listening
      break;
    case Kind::Close:
      wire_.close();
      left_ = true;
      break;
    case Kind::Reset:
      leave();
      break;
  }
  return true;
}

std::size_t ScriptedClient::whole() const {
  std::size_t end = 0;
  std::size_t count = 0;
  for (const auto& request : requests_) {
    end += request.octets.size();
    if (end <= sent_) ++count;
  }
  return count;
}

std::size_t ScriptedClient::begun() const {
  std::size_t begin = 0;
  std::size_t count = 0;
  for (const auto& request : requests_) {
    if (begin < sent_) ++count;
    begin += request.octets.size();
  }
  return count;
}

std::size_t ScriptedClient::answered() const {
  const auto all = answers();
  return static_cast<std::size_t>(std::count_if(
      all.begin(), all.end(), [](const auto& one) { return one.verdict == Verdict::Whole; }));
}

std::vector<Message> ScriptedClient::answers() const {
  std::vector<Message> all;
  std::string_view rest = wire_.received();
  while (!rest.empty()) {
    // Who has not said HEAD to the end may be answered as anybody.
    const std::string method = all.size() < whole() ? requests_[all.size()].method : "GET";
    auto answer = tests::strict::read_answer(rest, method, wire_.ended() && !wire_.was_reset());
    rest.remove_prefix(answer.size);
    const bool whole = answer.verdict == Verdict::Whole;
    if (whole && answer.status < 200 && answer.status != 101) continue;
    all.push_back(std::move(answer));
    if (!whole || all.back().status == 101) break;
  }
  return all;
}

void ScriptedEndpoint::reset(AnswerScript script, std::shared_ptr<Fate> fate) {
  script_ = std::move(script);
  fate_ = std::move(fate);
  connections_.clear();
  seen_.clear();
  wrongs_.clear();
}

bool ScriptedEndpoint::step() {
  bool moved = false;
  for (int descriptor = door_.accept(); descriptor >= 0; descriptor = door_.accept()) {
    connections_.push_back({.wire = Wire{descriptor}, .number = ++count_});
    moved = true;
  }
  for (auto& connection : connections_) moved = step(connection) || moved;
  return moved;
}

std::size_t ScriptedEndpoint::allowed(Fault::After after, std::size_t moved) const {
  if (fate_->fault.is_none() || fate_->struck || fate_->fault.after != after) return kPiece;
  return fate_->fault.octets - moved;
}

bool ScriptedEndpoint::step(Connection& connection) {
  auto& wire = connection.wire;
  if (!wire.is_open() || connection.stalled) return false;
  const auto count = wire.receive(allowed(Fault::After::Received, fate_->received));
  fate_->received += count;
  if (count > 0 && fate_->is_due(Fault::After::Received)) return strike(connection);
  bool moved = look(connection) || count > 0;
  if (!connection.answer.empty()) {
    const auto most = std::min(connection.answer.size(), allowed(Fault::After::Sent, fate_->sent));
    const auto sent = wire.send(std::string_view{connection.answer}.substr(0, most));
    connection.answer.erase(0, sent);
    fate_->sent += sent;
    moved = moved || sent > 0;
    if (fate_->is_due(Fault::After::Sent)) return strike(connection);
  }
  if (connection.answer.empty() && connection.close) {
    wire.close();
    moved = true;
  }
  return moved;
}

/// Reads requests and answers those that are whole; one after the other.
bool ScriptedEndpoint::look(Connection& connection) {
  const auto octets = std::string_view{connection.wire.received()}.substr(connection.read);
  if (octets.empty() || !connection.answer.empty()) return false;
  if (connection.begun == 0) {
    seen_.push_back({.connection = connection.number});
    connection.begun = seen_.size();
    if (connection.surplus) wrongs_.push_back("a request where octets lie unread");
  }
  const auto request = tests::strict::read_request(octets);
  auto& seen = seen_[connection.begun - 1];
  seen.tag = request.target;
  seen.method = request.method;
  if (request.verdict == Verdict::Malformed) {
    wrongs_.push_back("malformed: " + std::string{octets});
    connection.read += octets.size();
    return true;
  }
  if (request.verdict == Verdict::Incomplete) return false;
  seen.whole = true;
  connection.read += request.size;
  connection.begun = 0;
  auto answer = script_(request);
  auto expected = tests::strict::read_answer(answer.octets, request.method, answer.close);
  while (expected.verdict == Verdict::Whole && expected.status < 200 && expected.status != 101) {
    const auto rest = std::string_view{answer.octets}.substr(expected.size);
    const auto before = answer.octets.size() - rest.size();
    expected = tests::strict::read_answer(rest, request.method, answer.close);
    expected.size += before;
  }
  connection.surplus = expected.verdict != Verdict::Whole || expected.size < answer.octets.size();
  connection.answer = std::move(answer.octets);
  connection.close = answer.close;
  return true;
}

bool ScriptedEndpoint::strike(Connection& connection) {
  fate_->struck = true;
  switch (fate_->fault.kind) {
    case Kind::None:
      break;
    case Kind::Finish:
      connection.wire.finish();
      connection.stalled = true;
      break;
    case Kind::Stall:
      connection.stalled = true;
      break;
    case Kind::Close:
      connection.wire.close();
      break;
    case Kind::Reset:
      connection.wire.reset();
      break;
  }
  return true;
}

}  // namespace simulation
