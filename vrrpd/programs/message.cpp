#include "vrrpd/programs/message.hpp"

#include <cstring>
#include <utility>

namespace vrrp::programs {
namespace {

void put(std::string& out, std::uint32_t number) {
  out.append(reinterpret_cast<const char*>(&number), sizeof number);
}
void put(std::string& out, const std::vector<std::string>& texts) {
  put(out, static_cast<std::uint32_t>(texts.size()));
  for (const auto& text : texts) {
    put(out, static_cast<std::uint32_t>(text.size()));
    out += text;
  }
}

/// Reads in order; `whole()` is false once something was missing.
class Cursor {
 public:
  explicit Cursor(std::string_view octets) : rest_{octets} {}

  std::uint32_t number() {
    std::uint32_t value = 0;
    const auto octets = take(sizeof value);
    if (octets.size() == sizeof value) std::memcpy(&value, octets.data(), sizeof value);
    return value;
  }
  std::string text() { return std::string{take(number())}; }
  std::vector<std::string> texts() {
    std::vector<std::string> all;
    for (auto left = number(); left > 0 && whole_; --left) all.push_back(text());
    return all;
  }
  bool whole() const { return whole_ && rest_.empty(); }

 private:
  std::string_view take(std::size_t size) {
    if (size > rest_.size()) {
      whole_ = false;
      return {};
    }
    const auto taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }

  std::string_view rest_;
  bool whole_{true};
};

}  // namespace

std::string encode(const Order& order) {
  std::string out;
  put(out, order.id);
  put(out, static_cast<std::uint32_t>(order.program.timeout.count()));
  put(out, order.program.run);
  put(out, order.program.environment);
  put(out, {order.program.input});
  return out.size() > kLargestMessage ? std::string{} : out;
}

std::string encode(const Outcome& outcome) {
  std::string out;
  put(out, outcome.id);
  put(out, static_cast<std::uint32_t>(outcome.ended.how));
  put(out, static_cast<std::uint32_t>(outcome.ended.status));
  put(out, {outcome.ended.output.substr(0, kMostOutput)});
  return out;
}

std::optional<Order> decode_order(std::string_view octets) {
  Cursor cursor{octets};
  Order order;
  order.id = cursor.number();
  order.program.timeout = std::chrono::milliseconds{cursor.number()};
  order.program.run = cursor.texts();
  order.program.environment = cursor.texts();
  auto input = cursor.texts();
  if (!cursor.whole() || order.program.run.empty() || input.size() != 1) return std::nullopt;
  order.program.input = std::move(input.front());
  return order;
}

std::optional<Outcome> decode_outcome(std::string_view octets) {
  Cursor cursor{octets};
  Outcome outcome;
  outcome.id = cursor.number();
  outcome.ended.how = static_cast<How>(cursor.number());
  outcome.ended.status = static_cast<int>(cursor.number());
  auto output = cursor.texts();
  if (!cursor.whole() || output.size() != 1) return std::nullopt;
  outcome.ended.output = std::move(output.front());
  return outcome;
}

}  // namespace vrrp::programs
