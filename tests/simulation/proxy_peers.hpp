#pragma once

#include "tests/simulation/proxy_wire.hpp"
#include "tests/support/strict_http1.hpp"

#include <functional>
#include <list>
#include <memory>
#include <string>
#include <vector>

namespace simulation {

enum class Kind { None, Finish, Close, Reset, Stall };
inline constexpr Kind kKinds[] = {Kind::Finish, Kind::Close, Kind::Reset, Kind::Stall};
const char* name_of(Kind kind);

/// What goes wrong on one side, and after how many octets.
struct Fault {
  Kind kind{Kind::None};
  enum class After { Sent, Received } after{After::Sent};
  std::size_t octets{0};

  bool is_none() const { return kind == Kind::None; }
};

/// A fault that strikes once, wherever its time comes first, and the octets that all who share it
/// have moved so far.
struct Fate {
  Fault fault{};
  std::size_t sent{0};
  std::size_t received{0};
  bool struck{false};

  bool is_due(Fault::After after) const {
    return !struck && !fault.is_none() && fault.after == after &&
           (after == Fault::After::Sent ? sent : received) >= fault.octets;
  }
};

/// One request of a script and the content that a good answer to it has.
struct Request {
  std::string octets;
  std::string method;
  std::string tag;  // in its target: finds it again at the endpoints
};

/// A client with one connection: sends its requests, one after the answer to the other or all at
/// once, until its fault.
class ScriptedClient {
 public:
  ScriptedClient(Wire wire, std::vector<Request> requests, bool pipelined, Fault fault);

  /// Does what it can; false when that was nothing.
  bool step();
  /// Nothing more will come, or it has left.
  bool is_over() const { return left_ || wire_.ended(); }
  bool left() const { return left_; }
  bool was_reset() const { return wire_.was_reset(); }
  bool ended() const { return wire_.ended(); }
  void leave() {
    wire_.reset();
    left_ = true;
  }

  const std::vector<Request>& requests() const { return requests_; }
  /// Requests that were sent to their last octet, and such as were begun.
  std::size_t whole() const;
  std::size_t begun() const;
  /// Final answers as far as they have come; the last may be incomplete.
  std::vector<tests::strict::Message> answers() const;

 private:
  bool strike();
  std::size_t answered() const;

  Wire wire_;
  std::vector<Request> requests_;
  bool pipelined_;
  Fault fault_;
  std::size_t sent_{0};
  bool struck_{false};
  bool stalled_{false};
  bool left_{false};
};

/// A request as an endpoint got it.
struct Seen {
  std::string tag{};  // its target
  std::string method{};
  bool whole{false};
  std::size_t connection{0};
};

/// What an endpoint answers to a whole request: octets, and whether it closes behind them.
struct Answer {
  std::string octets;
  bool close{false};
};
using AnswerScript = std::function<Answer(const tests::strict::Message&)>;

/// An endpoint that answers by its script until its fault, which strikes once.
class ScriptedEndpoint {
 public:
  std::uint16_t port() const { return door_.port(); }
  void reset(AnswerScript script, std::shared_ptr<Fate> fate);

  bool step();

  const std::vector<Seen>& seen() const { return seen_; }
  /// What the proxy may never do: send what a strict reader refuses, or a request on a connection
  /// that holds octets of an answer which it has not read.
  const std::vector<std::string>& wrongs() const { return wrongs_; }

 private:
  struct Connection {
    Wire wire;
    std::size_t number{0};
    std::size_t read{0};   // octets of requests that are done with
    std::string answer{};  // still to be sent
    bool close{false};
    bool stalled{false};
    bool surplus{false};   // it has sent more than its answers
    std::size_t begun{0};  // its current request's place in `seen_`, plus one
  };
  bool step(Connection& connection);
  bool look(Connection& connection);
  bool strike(Connection& connection);
  std::size_t allowed(Fault::After after, std::size_t moved) const;

  Door door_;
  AnswerScript script_;
  std::shared_ptr<Fate> fate_;
  std::list<Connection> connections_;
  std::vector<Seen> seen_;
  std::vector<std::string> wrongs_;
  std::size_t count_{0};
};

}  // namespace simulation
