#pragma once

#include "lb/http1/chunked.hpp"
#include "lb/proxy/admission.hpp"
#include "lb/proxy/client_connection.hpp"
#include "lb/proxy/error_response.hpp"
#include "lb/proxy/least_rate.hpp"
#include "lb/proxy/refusal.hpp"
#include "lb/proxy/retry.hpp"

#include <memory>
#include <optional>
#include <string>

namespace lb::proxy {

/// What becomes of the client's connection after an exchange.
enum class Ending {
  Persist,  // it may carry another request
  Close,    // all that the client sent has been read
  Linger,   // it may still be sending: closing at once could take the answer away from it
};

/// One request and its answer: driver of the rules in admission, retry and forwarded_head.
/// exchange.cpp: its course · exchange_attempt.cpp: asking one endpoint · request_body.cpp: content
/// towards the endpoint · exchange_relay.cpp: the answer towards the client · exchange_splice.cpp:
/// long content of either · exchange_filters.cpp: both through the filters of the route ·
/// exchange_notes.cpp: what the log and a trace are told · session_view.cpp: what an onlooker sees
/// · exchange_tunnel.cpp: what follows a change of protocol.
class Exchange final : upstream::Waiter, RequestHook {
 public:
  Exchange(ClientConnection& client, common::TimePoint began);
  ~Exchange() override;

  /// Serves the request whose head, parsed into `worker.request`, is the first `head_size` octets
  /// of the input.
  net::Awaitable<Ending> run(std::size_t head_size);
  /// When that came to its end.
  common::TimePoint ended_at() const { return ended_at_; }

 private:
  using MaybeTrouble = std::optional<Trouble>;

  // exchange.cpp
  MaybeTrouble admit(std::size_t head_size);
  MaybeTrouble forward_head();
  net::Awaitable<MaybeTrouble> obtain_answer();
  net::Awaitable<MaybeTrouble> wait_for_place();
  net::Awaitable<> back_off_before_asking_again();
  std::uint32_t most_attempts() const;
  net::Awaitable<> tell(Trouble trouble);
  void finish(MaybeTrouble trouble);
  void watch_client();
  void on_client_gone();

  // exchange_notes.cpp
  void take_notes(const http::RequestHead& head);
  void join_trace(const http::RequestHead& head);
  std::string_view state() const override;
  common::TimePoint began() const override { return began_; }
  SessionView look(common::TimePoint now) const override;
  void record(MaybeTrouble trouble, common::TimePoint now);
  telemetry::Span span_of(const telemetry::AccessRecord& told, common::TimePoint now) const;

  // exchange_attempt.cpp
  net::Awaitable<MaybeTrouble> attempt(upstream::Endpoint& endpoint);
  bool passes_client() const;
  void begin_attempt(upstream::Endpoint& endpoint);
  Trouble on_not_connected(const boost::system::error_code& error) const;
  net::Awaitable<boost::system::error_code> connect(upstream::Endpoint& endpoint);
  net::Awaitable<boost::system::error_code> join(upstream::Endpoint& endpoint);
  std::unique_ptr<upstream::Connection> share(upstream::Upstream& upstream,
                                              upstream::Endpoint& endpoint);
  net::Awaitable<boost::system::error_code> until_ready(upstream::Connection& share);
  net::Awaitable<boost::system::error_code> secure(upstream::Connection& connection,
                                                   upstream::Upstream& upstream,
                                                   upstream::Endpoint& endpoint);
  net::Awaitable<MaybeTrouble> on_interim_answer();
  void expect(Wait what, common::TimePoint until);
  common::TimePoint end_of_try(const upstream::Endpoint& endpoint) const;
  MaybeTrouble on_answer_ended();
  void expect_first_byte(common::TimePoint now);
  std::chrono::milliseconds first_byte_limit() const;
  std::chrono::milliseconds between_bytes_limit() const;
  std::string proxy_header(const upstream::Upstream& upstream);
  void on_endpoint_lost() override;

  // exchange_filters.cpp
  std::size_t share_of(const routing::Route& route) const;
  filters::Request filter_request() const;
  net::Awaitable<MaybeTrouble> pass_filters();
  net::Awaitable<filters::Next> verify();
  net::Awaitable<filters::Next> ask_permission();
  void read_head_again();
  std::string own_answer(Trouble trouble, const Refusal& refusal, const ErrorContext& context);
  void filter_answer();
  const filters::ErrorPages* error_pages() const;
  bool intercepts_answer();
  std::string kept_of_answer() const;
  net::Awaitable<MaybeTrouble> relay_encoded(net::Pieces pieces, http1::BodyLength body);

  // request_body.cpp
  net::Awaitable<MaybeTrouble> hold_body();
  net::Awaitable<MaybeTrouble> begin_body();
  net::Awaitable<> pump_body();
  net::Awaitable<bool> pump_counted();
  net::Awaitable<bool> pump_chunked();
  net::Awaitable<bool> send_last_chunk(std::string_view trailers);
  net::Awaitable<bool> read_body();
  void expect_content(common::TimePoint now);
  void on_content_late();
  bool has_spoken();
  net::Awaitable<bool> send_body(net::Pieces pieces, bool last);
  void keep_for_replay(net::Pieces& pieces);
  net::Awaitable<> wait_for_replay();
  void drop_replay();
  net::Awaitable<> hold_pump();
  void let_pump_go_on();
  net::Awaitable<> stop_pump();
  net::Awaitable<MaybeTrouble> ask_to_continue();

  // exchange_relay.cpp
  std::optional<MaybeTrouble> relay_at_once();
  net::Awaitable<MaybeTrouble> relay_rest();
  MaybeTrouble write_answer_head();
  net::Awaitable<MaybeTrouble> relay_counted(net::Pieces pieces);
  net::Awaitable<MaybeTrouble> relay_chunked(net::Pieces pieces);
  net::Awaitable<MaybeTrouble> relay_until_close(net::Pieces pieces);
  net::Awaitable<MaybeTrouble> read_answer();
  /// Whether the connection ends right behind the answer, without a wait.
  bool is_last() const { return !persistent_ && !pump_running_; }
  MaybeTrouble send_at_once(net::Pieces& pieces);
  net::Awaitable<MaybeTrouble> send(net::Pieces& pieces);

  // exchange_splice.cpp
  /// Content shorter than this is copied: it is through before a pipe pays.
  static constexpr std::uint64_t kLeastSpliced = 128 * 1024;
  /// Where content comes from and goes to, and what it means when nothing moves.
  struct Way {
    net::Stream& from;
    net::Stream& to;
    Wait source;
    common::Duration source_limit;
    Wait sink;
    common::Duration sink_limit;
    telemetry::Count* read{nullptr};  // counts what comes, when somebody wants to know
    bool is_request{false};           // then the sink may answer before all is there, and the
                                      // source has a rate to keep
  };
  enum class Moved : std::uint8_t { All, NotRead, NotSent };
  std::optional<net::Pipe> pipe_for(std::uint64_t octets, net::Stream& from, net::Stream& to);
  net::Awaitable<Moved> move_content(Way way, net::Pipe pipe, std::uint64_t& left,
                                     std::uint64_t& passed);
  net::Awaitable<MaybeTrouble> splice_answer(net::Pipe pipe);
  net::Awaitable<bool> splice_body(net::Pipe pipe, std::uint64_t left);

  // exchange_tunnel.cpp
  net::Awaitable<MaybeTrouble> run_tunnel();
  net::Awaitable<> tunnel_to_endpoint();
  net::Awaitable<bool> pass_on(net::Stream& from, net::Stream& to, net::Buffer& held,
                               std::uint64_t& passed);
  void expect_tunnel();

  ClientConnection& client_;
  WorkerContext& worker_;
  std::shared_ptr<Site> site_;
  common::TimePoint began_;
  common::TimePoint ended_at_{};
  telemetry::Held active_;
  std::size_t route_{telemetry::Series::kNoRoute};  // its place in the configuration
  const Bounds* bounds_{nullptr};                   // the route's

  // The request, as far as it is needed after its head has gone.
  http::Method method_{http::Method::Other};
  int minor_version_{1};
  http1::BodyLength body_;
  BodyPlan plan_{BodyPlan::None};
  bool may_repeat_{false};
  bool expects_continue_{false};  // the client waits for leave to send the content
  bool awaits_go_ahead_{false};   // the endpoint was asked for that leave
  bool accepts_trailers_{false};
  bool client_gone_{false};
  std::string upgrade_;   // the protocols asked for
  std::string trailers_;  // the section that came behind a chunked body
  bool html_{false};
  bool persistent_{false};
  bool request_done_{false};   // its body has been read to its end
  std::size_t input_held_{0};  // octets of the input that are the held body
  std::string_view held_;      // the held body: in the input, or in `held_memory_`
  std::string held_memory_;
  ClientOrigin origin_;  // as views of the head, until that is forwarded
  RequestId generated_id_{};
  std::string client_id_;  // the client's own name for the request, when it is used
  std::string_view request_id_;
  std::unique_ptr<filters::Passage> passage_;  // only on a route that has filters
  std::optional<Refusal> refusal_;             // the true reason, where a Trouble does not tell

  // Towards the endpoint.
  upstream::Upstream* upstream_{nullptr};
  std::size_t upstream_place_{0};  // in the configuration
  std::uint8_t priority_{0};       // the route's
  upstream::Selector selector_;
  upstream::Lease lease_;  // of `endpoint_`; ends before the Site does
  upstream::Endpoint* endpoint_{nullptr};
  std::unique_ptr<upstream::Connection> connection_;
  balancing::EndpointSet tried_;
  FailedAttempt progress_{.attempts = 0};
  common::TimePoint try_until_{};  // then somebody else is asked
  common::TimePoint asked_at_{};   // when the present attempt began
  bool fresh_only_{false};         // warm connections of this endpoint have just proved dead
  net::Buffer head_;               // the request as sent; from the answer on, the answer's head
  net::Buffer answer_;             // octets of the answer that have arrived
  bool body_begun_{false};         // octets of a streamed body have been taken off the client
  bool answered_early_{false};     // before the end of the content was on its way
  bool pump_running_{false};
  bool pump_stopped_{false};  // it is to end at its next turn, whatever has come meanwhile
  bool pump_waits_{false};    // for one of the two streams
  bool pump_held_{false};     // it is to touch neither until somebody has been asked anew
  bool tunnel_half_closed_{false};
  std::optional<net::Timer> pump_told_;   // it has ended, or left a stream that it was to leave
  std::optional<net::Timer> pump_wakes_;  // it need not be held any longer
  /// Streamed content as it was sent, for somebody else should the endpoint not look at it; all of
  /// it, while it is `replayable_`.
  std::string replay_;
  bool replayable_{false};
  std::uint64_t body_passed_{0};
  LeastRate rate_;  // of content that an endpoint waits for

  // Towards the client.
  bool answer_began_{false};
  bool answer_chunked_{false};  // in the coding we write
  bool cut_by_reset_{false};    // only a reset tells the client that the answer is not whole
  bool upstream_reusable_{false};
  unsigned status_{0};
  http1::BodyLength answer_body_;  // as the endpoint frames it; of a counted one, what is left
  std::uint64_t sent_{0};
  common::TimePoint first_byte_at_{};

  // For those who look on.
  std::unique_ptr<ExchangeNotes> notes_;                   // only when somebody will be told
  telemetry::TraceContext trace_;                          // as the endpoint gets it
  std::array<char, 16> asker_{};                           // the client's span, when it has one
  std::optional<telemetry::TraceparentText> traceparent_;  // nothing: we are no part of traces
  std::string_view trace_state_;                           // valid until the head is forwarded
  std::string trace_state_memory_;
  common::Duration queued_for_{};
  common::Duration connected_in_{};  // the last attempt; zero on a warm connection
};

}  // namespace lb::proxy
