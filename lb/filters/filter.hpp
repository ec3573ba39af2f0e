#pragma once

#include "common/address.hpp"
#include "common/time.hpp"
#include "lb/filters/encoder.hpp"
#include "lb/filters/error_pages.hpp"
#include "lb/filters/reason.hpp"
#include "lb/http/message.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lb::filters {

class Passage;

/// What filters know of a request. Views into the octets that were received: dead at the next
/// `co_await`, made again after it.
struct Request {
  const http::RequestHead& head;
  const common::IpAddress& client;  // as told by a trusted proxy, or the peer's
  std::string_view scheme;          // of the client's side: `http`
  std::string_view request_id;
  common::TimePoint now;
};

/// An answer on its way to the client: an endpoint's, or lbd's own.
struct Response {
  http::ResponseHead& head;
  bool has_content{false};  // octets follow the head
  bool is_own{false};       // of lbd itself
  int minor_version{1};     // of the client
  bool of_head{false};      // to HEAD: without content, but told as that to GET would be
};

/// What the exchange does next.
enum class Next : std::uint8_t {
  Pass,    // the request goes to the endpoint, with `Passage::edit()`
  Answer,  // `Passage::answer()` goes to the client
  Ask,     // send `Passage::subrequest()`, then `on_subanswer()`
  Verify,  // `Passage::verification()->start()`, then `on_verified()`
};

/// An answer in place of an endpoint's. What it views lives as long as the passage.
struct Answer {
  Reason reason{Reason::FixedAnswer};
  unsigned status{0};
  http::Fields fields{};  // without framing, Date and Connection
  std::string_view content{};
  bool is_page{false};  // no content of its own: the error page of `reason` is shown
};

/// A request to somebody who says whether another may pass (`forward_auth`).
struct Subrequest {
  std::size_t upstream{0};  // its place in the configuration
  common::Duration timeout{};
  std::string head;             // HTTP/1.1, whole, without content
  std::size_t most_content{0};  // octets of the answer's content that are passed on
};

struct Subanswer {
  http::ResponseHead head;
  std::string_view content;
};

/// Work that takes long and waits for nothing: a password to be hashed.
class Verification {
 public:
  virtual ~Verification() = default;
  /// `done` is called once, on a thread of its own.
  virtual void start(std::function<void(bool right)> done) = 0;
};

/// A place taken for the time of one exchange; its end gives it back.
class Hold {
 public:
  virtual ~Hold() = default;
};

/// One step of a route's chain: compiled once for a configuration, used by all workers at once, so
/// whatever it changes is in tables of its own that lock.
class Filter {
 public:
  virtual ~Filter() = default;
  /// May answer, or note in the passage what the endpoint is to get.
  virtual Next on_request(const Request& request, Passage& passage) const;
  /// Every answer of the route goes through here, those of lbd itself too, from the last filter to
  /// the first. Fields are changed in place: taken away by `connection_specific`, added with views
  /// into the filter or the passage.
  virtual void on_response(Response& response, Passage& passage) const;
  /// Only to the filter that asked. Null: there was no answer, or not in time.
  virtual Next on_subanswer(const Subanswer* answer, const Request& request,
                            Passage& passage) const;
  /// Only to the filter whose verification it was.
  virtual Next on_verified(bool right, const Request& request, Passage& passage) const;
};

/// The filters of one route in the order they stand in the configuration, those of the whole site
/// before. A route without any has no chain.
struct Chain {
  std::vector<std::shared_ptr<const Filter>> filters;
  std::shared_ptr<const ErrorPages> error_pages{};  // null: those of the site
};

/// One exchange on its way through a chain. Made only for routes that have one.
class Passage {
 public:
  explicit Passage(std::shared_ptr<const Chain> chain) : chain_{std::move(chain)} {}

  // For the exchange, in this order.

  /// Asks the filters in turn, going on where it stopped.
  Next on_request(const Request& request);
  const Subrequest& subrequest() const { return *subrequest_; }
  Next on_subanswer(const Subanswer* answer, const Request& request);
  const std::shared_ptr<Verification>& verification() const { return verification_; }
  Next on_verified(bool right, const Request& request);
  const Answer& answer() const { return answer_; }
  /// Null when the route has none of its own.
  const ErrorPages* error_pages() const { return chain_->error_pages.get(); }
  /// Changes the head to what the endpoint is to get: fields of `head` and views that live as long
  /// as this passage.
  void edit(http::RequestHead& head) const;
  /// Changes the head of an answer to what the client is to get.
  void on_response(Response& response);
  /// What the content is to be put through; null: it passes as it is. Set by `on_response`.
  Encoder* encoder() { return encoder_.get(); }

  // For the filters.

  /// Keeps a text as long as the exchange lasts.
  std::string_view keep(std::string text);
  Next reply(Answer answer);
  /// The answer of `reason` as an error page, with more fields.
  Next refuse(Reason reason, http::Fields fields = {}, unsigned status = 0);

  /// The target as rewritten so far, or the request's own.
  const http::Target& target(const Request& request) const {
    return target_ ? *target_ : request.head.target;
  }
  void set_target(http::Target target) { target_ = target; }
  void set_authority(std::string_view authority) { authority_ = authority; }
  /// Of every line of this name.
  void remove_field(std::string_view name) { edits_.push_back({name, {}, Edit::Remove}); }
  void add_field(std::string_view name, std::string_view value) {
    edits_.push_back({name, value, Edit::Add});
  }
  /// Goes to the client with whatever answer there will be.
  void add_response_field(std::string_view name, std::string_view value);
  /// What a filter remembers from the request for the answer; 0 when nothing.
  void note(const Filter& filter, std::uint64_t what);
  std::uint64_t noted(const Filter& filter) const;
  void encode(std::unique_ptr<Encoder> encoder) { encoder_ = std::move(encoder); }
  void hold(std::unique_ptr<Hold> place) { holds_.push_back(std::move(place)); }
  Next ask(Subrequest subrequest);
  Next verify(std::shared_ptr<Verification> verification);

 private:
  struct Edit {
    enum Kind : std::uint8_t { Remove, Add };
    std::string_view name, value;
    Kind kind;
  };
  Next walk(Next last, const Request& request);

  std::shared_ptr<const Chain> chain_;
  std::size_t at_{0};
  Answer answer_;
  std::vector<std::unique_ptr<const std::string>> texts_;
  std::optional<http::Target> target_;
  std::optional<std::string_view> authority_;
  std::vector<Edit> edits_;
  http::Fields response_fields_;
  std::vector<std::pair<const Filter*, std::uint64_t>> notes_;
  std::vector<std::unique_ptr<Hold>> holds_;
  std::optional<Subrequest> subrequest_;
  std::shared_ptr<Verification> verification_;
  std::unique_ptr<Encoder> encoder_;
};

}  // namespace lb::filters
