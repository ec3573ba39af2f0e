#include "common/yaml_reader.hpp"

#include "common/yaml_state.hpp"

#include <charconv>

namespace common {
namespace {

std::string quoted(std::string_view text) {
  constexpr std::size_t kShown = 80;
  std::string out{"\""};
  out += text.substr(0, kShown);
  if (text.size() > kShown) out += "…";
  return out + '"';
}

}  // namespace

void ConfigNode::note(std::string_view key, std::string fallback, std::string range) const {
  std::string path;
  bool within = false;
  for (const char c : impl_->path_of(key)) {
    if (c == ']') within = false;
    if (!within) path += c;
    if (c == '[') within = true;
  }
  auto& settings = impl_->document->settings;
  settings.try_emplace(path, ConfigSetting{path, std::move(fallback), std::move(range)});
}

bool ConfigNode::has(std::string_view key) const { return given(impl_->child(key)); }

std::optional<std::string> ConfigNode::scalar(std::string_view key) const {
  const auto node = impl_->child(key);
  if (!given(node)) return std::nullopt;
  if (node.IsScalar()) return node.Scalar();
  fault(key, std::string{"this is "} + kind_of(node), "a single value");
  return std::nullopt;
}

template <class T, class Parse>
void ConfigNode::read_scalar(std::string_view key, T& out, Parse parse,
                             std::string_view right) const {
  const auto text = scalar(key);
  if (!text) return;
  if (auto value = parse(*text))
    out = std::move(*value);
  else
    fault(key, quoted(*text) + " cannot be used", std::string{right});
}

void ConfigNode::read(std::string_view key, bool& out) const {
  note(key, out ? "true" : "false", "true or false");
  const auto parse = [](std::string_view text) -> std::optional<bool> {
    if (text == "true") return true;
    if (text == "false") return false;
    return std::nullopt;
  };
  read_scalar(key, out, parse, "true or false");
}

void ConfigNode::read(std::string_view key, std::string& out) const {
  note(key, out, "text");
  if (auto text = scalar(key)) out = std::move(*text);
}

void ConfigNode::read(std::string_view key, Bytes& out, Range<std::uint64_t> range) const {
  note(key, format_bytes(out), format_bytes({range.least}) + " to " + format_bytes({range.most}));
  const auto text = scalar(key);
  if (!text) return;
  const auto bytes = parse_bytes(*text);
  if (!bytes)
    fault(key, quoted(*text) + " is not a size", "a number with a unit such as 64KiB");
  else if (bytes->value < range.least)
    fault(key, *text + " is too small", "at least " + format_bytes({range.least}));
  else if (bytes->value > range.most)
    fault(key, *text + " is too large", "at most " + format_bytes({range.most}));
  else
    out = *bytes;
}

void ConfigNode::read(std::string_view key, IpAddress& out) const {
  note(key, {}, "an address");
  read_scalar(key, out, IpAddress::parse, "an address such as 192.168.10.11");
}

void ConfigNode::read(std::string_view key, SocketAddress& out) const {
  note(key, out.port != 0 ? out.to_string() : "", "an address and a port");
  read_scalar(key, out, SocketAddress::parse,
              "an address and a port such as 192.168.10.11:80 or [::1]:80");
}

void ConfigNode::read(std::string_view key, PrefixedAddress& out) const {
  note(key, {}, "an address with a prefix length");
  read_scalar(key, out, PrefixedAddress::parse,
              "an address with a prefix length such as 192.168.10.100/24");
}

void ConfigNode::read(std::string_view key, std::vector<std::string>& out) const {
  std::string fallback;
  for (const auto& word : out) fallback += (fallback.empty() ? "" : ", ") + word;
  note(key, std::move(fallback), "a list of words");
  if (!has(key)) return;
  std::vector<std::string> words;
  for (const auto& item : items(key)) {
    if (auto word = item.text())
      words.push_back(std::move(*word));
    else
      item.fault("", "this is not a single value", "a word");
  }
  out = std::move(words);
}

bool ConfigNode::read_integer(std::string_view key, std::int64_t& out, std::int64_t least,
                              std::int64_t most) const {
  constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
  note(key, std::to_string(out),
       most == kMost ? "at least " + std::to_string(least)
                     : std::to_string(least) + " to " + std::to_string(most));
  const auto text = scalar(key);
  if (!text) return false;
  std::int64_t value = 0;
  const auto* const end = text->data() + text->size();
  const auto [stop, error] = std::from_chars(text->data(), end, value);
  if (error == std::errc::invalid_argument || stop != end)
    fault(key, quoted(*text) + " is not a whole number", "a number such as 3");
  else if (error != std::errc{} || value > most)
    fault(key, *text + " is too large", "at most " + std::to_string(most));
  else if (value < least)
    fault(key, *text + " is too small", "at least " + std::to_string(least));
  else
    return out = value, true;
  return false;
}

bool ConfigNode::read_duration(std::string_view key, std::chrono::nanoseconds& out,
                               DurationRange range, std::chrono::nanoseconds step) const {
  note(key, format_duration(out),
       format_duration(range.least) + " to " + format_duration(range.most));
  const auto text = scalar(key);
  if (!text) return false;
  const auto value = parse_duration(*text);
  if (!value)
    fault(key, quoted(*text) + " is not a duration", "a number with a unit such as 250ms or 2s");
  else if (*value < range.least)
    fault(key, *text + " is too short", "at least " + format_duration(range.least));
  else if (*value > range.most)
    fault(key, *text + " is too long", "at most " + format_duration(range.most));
  else if (value->count() % step.count() != 0)
    fault(key, *text + " is too fine", "a multiple of " + format_duration(step));
  else
    return out = *value, true;
  return false;
}

ConfigNode ConfigNode::section(std::string_view key) const {
  return ConfigNode{
      Impl::at(*impl_->document, impl_->child(key), impl_->path_of(key), impl_->line)};
}

ConfigNode ConfigNode::require_section(std::string_view key) const {
  if (!has(key)) missing(key);
  return section(key);
}

std::vector<ConfigNode> ConfigNode::items(std::string_view key, std::size_t at_least,
                                          std::size_t at_most) const {
  note(key, {}, "a list of " + std::to_string(at_least) + " to " + std::to_string(at_most));
  std::vector<ConfigNode> out;
  const auto list = impl_->child(key);
  if (given(list) && !list.IsSequence()) {
    fault(key, std::string{"this is "} + kind_of(list), "a list");
    return out;
  }
  const std::size_t count = given(list) ? list.size() : 0;
  if (count < at_least)
    fault(key, "there are " + std::to_string(count), "at least " + std::to_string(at_least));
  if (count > at_most) {
    fault(key, "there are " + std::to_string(count), "at most " + std::to_string(at_most));
    return out;
  }
  for (std::size_t i = 0; i < count; ++i) {
    const auto path = impl_->path_of(key) + '[' + std::to_string(i) + ']';
    out.push_back(ConfigNode{Impl::at(*impl_->document, list[i], path, impl_->line)});
  }
  return out;
}

std::vector<std::string> ConfigNode::names(std::string_view key, std::size_t at_most) const {
  note(key, {}, "a mapping of at most " + std::to_string(at_most));
  std::vector<std::string> out;
  const auto mapping = impl_->child(key);
  if (!given(mapping)) return out;
  if (!mapping.IsMap()) {
    fault(key, std::string{"this is "} + kind_of(mapping), "a mapping");
    return out;
  }
  if (mapping.size() > at_most) {
    fault(key, "there are " + std::to_string(mapping.size()), "at most " + std::to_string(at_most));
    return out;
  }
  for (const auto& entry : mapping)
    if (entry.first.IsScalar()) out.push_back(entry.first.Scalar());
  return out;
}

bool ConfigNode::is_mapping(std::string_view key) const { return impl_->child(key).IsMap(); }

std::optional<std::string> ConfigNode::text() const {
  if (!impl_->node.IsScalar()) return std::nullopt;
  return impl_->node.Scalar();
}

void ConfigNode::fault(std::string_view key, std::string wrong, std::string right) const {
  impl_->document->add(line(key), impl_->path_of(key), std::move(wrong), std::move(right));
}

void ConfigNode::warn(std::string_view key, std::string wrong, std::string right) const {
  auto& warnings = impl_->document->warnings;
  if (warnings.size() < ConfigDocument::State::kMostErrors)
    warnings.push_back({impl_->document->name, line(key), impl_->path_of(key), std::move(wrong),
                        std::move(right)});
}

int ConfigNode::line(std::string_view key) const {
  if (key.empty()) return impl_->line;
  const auto node = impl_->child(key);
  return given(node) ? line_of(node) : impl_->line;
}

void ConfigNode::missing(std::string_view key) const {
  if (given(impl_->node) && !impl_->node.IsMap()) return;  // told already: this is no mapping
  fault(key, "this is missing", "a value");
}

}  // namespace common
