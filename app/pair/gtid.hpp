#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace booking::pair {

/// A transaction's name: domain, the server that wrote it first, a number that grows within the
/// domain.
struct Gtid {
  std::uint32_t domain{0};
  std::uint32_t server{0};
  std::uint64_t sequence{0};

  static std::optional<Gtid> parse(std::string_view text);  // `0-31-1234`
  std::string to_string() const;
  auto operator<=>(const Gtid&) const = default;
};

/// How far a server has come: the last transaction of each domain (`gtid_slave_pos`,
/// `Gtid_IO_Pos`). Empty: nothing yet.
class GtidPosition {
 public:
  /// `0-31-1234,1-31-7`, blanks and line feeds around commas allowed; nothing for any other text.
  static std::optional<GtidPosition> parse(std::string_view text);
  /// Where a server stands that has come to this transaction, and has none of another domain.
  static GtidPosition at(const Gtid& gtid);

  bool empty() const { return last_.empty(); }
  /// Whether everything up to `other` is contained. Within a domain sequences grow strictly
  /// (gtid_strict_mode).
  bool covers(const GtidPosition& other) const;
  /// The further of the two, domain by domain.
  GtidPosition joined(const GtidPosition& other) const;
  /// Transactions that `other` has and this one has not, all domains together.
  std::uint64_t missing(const GtidPosition& other) const;
  std::string to_string() const;
  bool operator==(const GtidPosition&) const = default;

 private:
  std::map<std::uint32_t, Gtid> last_;  // by domain
};

/// Transactions of one server that another node has not: numbers above `after`, up to `through`.
struct Errant {
  Gtid through;
  std::uint64_t after{0};
  std::string to_string() const;
  bool operator==(const Errant&) const = default;
};

/// The last transaction of every server in a binary log (`gtid_binlog_state`).
class GtidState {
 public:
  static std::optional<GtidState> parse(std::string_view text);

  /// What this log holds and `other` does not: a server's newest here must not be newer than there.
  /// Not empty means that the two histories have parted.
  std::vector<Errant> errant(const GtidState& other) const;
  bool empty() const { return newest_.empty(); }
  std::string to_string() const;

 private:
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint64_t> newest_;  // by domain and server
};

}  // namespace booking::pair
