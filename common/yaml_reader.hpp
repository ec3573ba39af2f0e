#pragma once

#include "common/address.hpp"
#include "common/units.hpp"

#include <chrono>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace common {

/// One fault of a configuration: where, what is wrong, and what would be right.
struct ConfigError {
  std::string file;
  int line{0};       // from 1; 0 when it concerns the file as a whole
  std::string path;  // `upstreams[0].endpoints[2].address`
  std::string wrong;
  std::string right;

  /// `lbd.yaml:12: upstreams[0].check.rise: 0 is too small, at least 1 is needed`
  std::string to_string() const;
  bool operator==(const ConfigError&) const = default;
};

/// A key that a reader asked for, whether the file has it or not.
struct ConfigSetting {
  std::string path;      // `upstreams[].check.rise`
  std::string fallback;  // what holds without it; empty when there is nothing to tell
  std::string range;     // `1 to 100`, `true or false`
};

template <class Int>
struct Range {
  Int least{std::numeric_limits<Int>::min()};
  Int most{std::numeric_limits<Int>::max()};
};
struct DurationRange {
  std::chrono::nanoseconds least{0};
  std::chrono::nanoseconds most{std::chrono::hours{24 * 365}};
};

/// What a YAML scalar was read into, or what would have been right ("a duration such as 250ms").
template <class T>
struct Parsed {
  std::optional<T> value;
  std::string right;
};

/// One node of a configuration file, being read into options. Every `read` keeps the default when
/// the key is absent, every `require` reports its absence; faults are collected in the document and
/// reading goes on with the default, so that one run reports them all. A key that nobody asked for
/// is a fault, with the nearest known key as a suggestion. Cheap to copy; valid while its
/// `ConfigDocument` lives.
class ConfigNode {
 public:
  bool has(std::string_view key) const;

  void read(std::string_view key, bool& out) const;
  void read(std::string_view key, std::string& out) const;
  void read(std::string_view key, Bytes& out, Range<std::uint64_t> range = {1}) const;
  void read(std::string_view key, IpAddress& out) const;
  void read(std::string_view key, SocketAddress& out) const;
  void read(std::string_view key, PrefixedAddress& out) const;
  void read(std::string_view key, std::vector<std::string>& out) const;

  template <std::integral Int>
  requires(!std::same_as<Int, bool>) void read(std::string_view key, Int& out,
                                               Range<Int> range = {}) const {
    std::int64_t wide = static_cast<std::int64_t>(out);
    if (read_integer(key, wide, clamp(range.least), clamp(range.most)))
      out = static_cast<Int>(wide);
  }
  template <class Rep, class Period>
  void read(std::string_view key, std::chrono::duration<Rep, Period>& out,
            DurationRange range = {}) const {
    std::chrono::nanoseconds exact = out;
    if (read_duration(key, exact, range, std::chrono::duration<Rep, Period>{1}))
      out = std::chrono::duration_cast<std::chrono::duration<Rep, Period>>(exact);
  }
  template <class T>
  void read(std::string_view key, std::optional<T>& out) const {
    note(key, {}, {});
    if (!has(key)) return;
    T value{};
    read(key, value);
    out = std::move(value);
  }
  /// One word out of a list: `node.read_choice("format", out, {{"json", Format::Json}, …})`.
  template <class Enum>
  void read_choice(std::string_view key, Enum& out,
                   std::initializer_list<std::pair<std::string_view, Enum>> choices) const {
    std::string right = "one of";
    std::string fallback;
    for (const auto& [name, value] : choices) {
      if (value == out) fallback = name;
      right.append(right.size() > 6 ? ", " : " ").append(name);
    }
    note(key, std::move(fallback), right);
    const auto text = scalar(key);
    if (!text) return;
    for (const auto& [name, value] : choices) {
      if (name == *text) {
        out = value;
        return;
      }
    }
    fault(key, '"' + *text + "\" is not known", right);
  }
  /// A scalar of the room's own: `parse(std::string_view) -> Parsed<T>`.
  template <class T, class Parse>
  void read_as(std::string_view key, T& out, Parse parse) const {
    note(key, {}, {});
    const auto text = scalar(key);
    if (!text) return;
    Parsed<T> parsed = parse(std::string_view{*text});
    if (parsed.value)
      out = std::move(*parsed.value);
    else
      fault(key, '"' + *text + "\" cannot be used", parsed.right);
  }
  /// As `read`, and a fault when the key is absent.
  template <class... Args>
  void require(std::string_view key, Args&&... args) const {
    if (has(key))
      read(key, std::forward<Args>(args)...);
    else
      missing(key);
  }

  /// The mapping below `key`; an empty one when absent, so that all defaults hold.
  ConfigNode section(std::string_view key) const;
  ConfigNode require_section(std::string_view key) const;
  /// The members of the sequence below `key`, with their index in the path; `at_least` and
  /// `at_most` bound their number.
  std::vector<ConfigNode> items(std::string_view key, std::size_t at_least = 0,
                                std::size_t at_most = 1024) const;
  /// The keys of the mapping below `key`, for mappings whose keys are names of the writer's own;
  /// what stands under each is read from `section(key)`.
  std::vector<std::string> names(std::string_view key, std::size_t at_most = 1024) const;
  /// Whether a mapping stands below `key`, where a single value may stand, too.
  bool is_mapping(std::string_view key) const;
  /// This node itself as a scalar, for sequences of plain words.
  std::optional<std::string> text() const;

  /// Reports a fault of the reader's own at `key` (or at this node when empty), such as a cross
  /// reference to nowhere.
  void fault(std::string_view key, std::string wrong, std::string right) const;
  /// Reports what works but what a person should know.
  void warn(std::string_view key, std::string wrong, std::string right) const;
  int line(std::string_view key = {}) const;

 private:
  friend class ConfigDocument;
  struct Impl;
  explicit ConfigNode(std::shared_ptr<Impl> impl) : impl_{std::move(impl)} {}

  template <class Int>
  static std::int64_t clamp(Int value) {
    constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
    return std::cmp_greater(value, kMost) ? kMost : static_cast<std::int64_t>(value);
  }
  std::optional<std::string> scalar(std::string_view key) const;
  /// The first time a key is asked for counts: its default may depend on others later.
  void note(std::string_view key, std::string fallback, std::string range) const;
  void missing(std::string_view key) const;
  bool read_integer(std::string_view key, std::int64_t& out, std::int64_t least,
                    std::int64_t most) const;
  bool read_duration(std::string_view key, std::chrono::nanoseconds& out, DurationRange range,
                     std::chrono::nanoseconds step) const;
  template <class T, class Parse>
  void read_scalar(std::string_view key, T& out, Parse parse, std::string_view right) const;

  std::shared_ptr<Impl> impl_;
};

/// A YAML file being read. Never throws for what stands in the file: what is wrong is in
/// `errors()`.
class ConfigDocument {
 public:
  static constexpr std::size_t kLargestFile = 1U << 20U;  // octets; a larger one is refused unread
  static constexpr std::size_t kDeepestNesting = 32;
  static constexpr std::size_t kMostValues = 200'000;  // an alias counts as often as it is used

  /// Reads `path`; a file that cannot be read is an error of the document.
  static ConfigDocument from_file(const std::string& path);
  static ConfigDocument from_text(std::string_view text, std::string name);

  ConfigNode root() const;
  /// All faults in the order of their lines, unknown keys of every node that was read included.
  /// Call it last.
  std::vector<ConfigError> errors() const;
  /// What works but should be known, in the order it was found.
  const std::vector<ConfigError>& warnings() const;
  /// All keys that were asked for, in the order of their paths.
  std::vector<ConfigSetting> settings() const;
  /// Values of all keys called `file` or `…_file`: what the configuration names in the file system.
  std::vector<std::string> files() const;

  struct State;

 private:
  explicit ConfigDocument(std::shared_ptr<State> state) : state_{std::move(state)} {}
  /// One that says this and nothing else, whatever is asked of it.
  static ConfigDocument unread(std::shared_ptr<State> state, int line, std::string wrong,
                               std::string right);
  std::shared_ptr<State> state_;
};

}  // namespace common
