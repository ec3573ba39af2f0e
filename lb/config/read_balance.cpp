#include "lb/config/readers.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>

namespace lb::config {
namespace {

using balancing::Policy;
using std::chrono::hours;
using std::chrono::milliseconds;
using upstream::HashOf;

constexpr std::size_t kShortestSecret = 32;
constexpr std::size_t kLongestSecret = 4096;

/// `1.25`, at least 1: in hundredths.
common::Parsed<std::uint32_t> parse_factor(std::string_view text) {
  constexpr std::string_view kRight = "a factor from 1 to 100 such as 1.25, or 0 for no bound";
  double factor = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), factor);
  if (error != std::errc{} || end != text.data() + text.size() ||
      (factor != 0 && !(factor >= 1 && factor <= 100)))
    return {std::nullopt, std::string{kRight}};
  return {static_cast<std::uint32_t>(factor * 100 + 0.5), {}};
}

/// `20%`
common::Parsed<unsigned> parse_percent(std::string_view text) {
  constexpr std::string_view kRight = "a share from 0% to 100% such as 20%";
  unsigned percent = 0;
  const auto last = text.data() + text.size() - (text.ends_with('%') ? 1 : 0);
  const auto [end, error] = std::from_chars(text.data(), last, percent);
  if (error != std::errc{} || end != last || percent > 100)
    return {std::nullopt, std::string{kRight}};
  return {percent, {}};
}

bool is_token(std::string_view text) {
  constexpr std::string_view kOthers = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::ranges::all_of(text, [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           kOthers.find(c) != std::string_view::npos;
  });
}

void read_name(const common::ConfigNode& node, std::string_view key, std::string& name) {
  node.read(key, name);
  if (!is_token(name))
    node.fault(key, '"' + name + "\" is no name", "letters, digits, - and _, such as X-User");
}

void read_hash(const common::ConfigNode& node, upstream::HashOptions& hash) {
  bool path = false;
  node.read("path", path);
  int given = path ? 1 : 0;
  if (path) hash.of = HashOf::Path;
  if (node.has("field")) {
    read_name(node, "field", hash.name);
    hash.of = HashOf::Field;
    ++given;
  }
  if (node.has("cookie")) {
    read_name(node, "cookie", hash.name);
    hash.of = HashOf::Cookie;
    ++given;
  }
  if (given != 1)
    node.fault("", given == 0 ? "it does not say what to hash" : "it names more than one thing",
               "one of field: NAME, cookie: NAME, path: true");
}

/// Cookies of a process that has no key file are its own: they outlive a reload, not a restart.
const balancing::StickyCookies::Key& key_of_this_process() {
  static const auto key = balancing::StickyCookies::random_key();
  return key;
}

void read_sticky(const common::ConfigNode& node, upstream::StickyOptions& sticky) {
  sticky.enabled = true;
  sticky.key = key_of_this_process();
  read_name(node, "cookie", sticky.cookie);
  node.read("ttl", sticky.ttl, {milliseconds{0}, hours{24 * 365}});
  node.read("secure", sticky.secure);
  std::string path;
  node.read("key_file", path);
  if (path.empty()) return;
  std::ifstream file{path, std::ios::binary};
  std::string secret(kLongestSecret, '\0');
  file.read(secret.data(), static_cast<std::streamsize>(secret.size()));
  secret.resize(static_cast<std::size_t>(file.gcount()));
  if (secret.size() < kShortestSecret)
    node.fault("key_file", '"' + path + "\" cannot be read or is too short",
               "a file of 32 octets or more, as by `head -c 32 /dev/urandom`");
  else
    sticky.key = balancing::StickyCookies::key_of(secret);
}

void read_policy(const common::ConfigNode& node, upstream::UpstreamOptions& options) {
  enum class Word { RoundRobin, LeastRequests, TwoChoices, PeakEwma, Random, ClientHash, Hash };
  auto word = Word::RoundRobin;
  node.read_choice("policy", word,
                   {{"round_robin", Word::RoundRobin},
                    {"least_requests", Word::LeastRequests},
                    {"two_choices", Word::TwoChoices},
                    {"peak_ewma", Word::PeakEwma},
                    {"random", Word::Random},
                    {"client_hash", Word::ClientHash},
                    {"hash", Word::Hash}});
  auto& policy = options.balance.policy;
  switch (word) {
    case Word::RoundRobin:
      policy = Policy::RoundRobin;
      break;
    case Word::LeastRequests:
      policy = Policy::LeastRequests;
      break;
    case Word::TwoChoices:
      policy = Policy::TwoChoices;
      break;
    case Word::PeakEwma:
      policy = Policy::PeakEwma;
      break;
    case Word::Random:
      policy = Policy::Random;
      break;
    case Word::ClientHash:
    case Word::Hash:
      policy = Policy::Hash;
      break;
  }
  if (word == Word::Hash)
    read_hash(node.require_section("hash"), options.hash);
  else if (node.has("hash"))
    node.fault("hash", "this policy does not hash it", "policy: hash");
}

}  // namespace

void read_balance(const common::ConfigNode& node, upstream::UpstreamOptions& options) {
  const auto balance = node.section("balance");
  read_policy(balance, options);
  balance.read_as("bounded_load", options.balance.bounded_load_percent, parse_factor);
  if (options.balance.bounded_load_percent > 0 && options.balance.policy != Policy::Hash)
    balance.fault("bounded_load", "this policy needs no bound", "policy: hash or client_hash");
  balance.read("slow_start", options.balance.slow_start, {milliseconds{0}, hours{1}});
  balance.read_as("panic", options.balance.panic_percent, parse_percent);
  balance.read("ewma_decay", options.balance.ewma_decay, {milliseconds{10}, hours{1}});
  if (balance.has("sticky")) read_sticky(balance.section("sticky"), options.sticky);

  const auto queue = node.section("queue");
  queue.read("length", options.queue.length, {0, 100'000});
  queue.read("timeout", options.queue.timeout, {milliseconds{1}, hours{1}});

  const auto retry = node.section("retry");
  retry.read("attempts", options.retry.attempts, {1, 10});
  retry.read("try_timeout", options.retry.try_timeout, {milliseconds{1}, hours{1}});
  retry.read("backoff", options.retry.backoff, {milliseconds{0}, std::chrono::seconds{10}});
  retry.read("most_backoff", options.retry.most_backoff,
             {milliseconds{0}, std::chrono::seconds{60}});
  retry.read_as("budget", options.retry.budget.percent, parse_percent);
  retry.read("least_per_second", options.retry.budget.least_per_second, {0, 10'000});
}

}  // namespace lb::config
