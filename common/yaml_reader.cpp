#include "common/yaml_reader.hpp"

#include "common/nearest_word.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

namespace common {

namespace {

int line_of(const YAML::Node& node) { return node.Mark().line + 1; }

bool given(const YAML::Node& node) { return node.IsDefined() && !node.IsNull(); }

const char* kind_of(const YAML::Node& node) {
  switch (node.Type()) {
    case YAML::NodeType::Scalar:
      return "a single value";
    case YAML::NodeType::Sequence:
      return "a list";
    case YAML::NodeType::Map:
      return "a mapping";
    default:
      return "nothing";
  }
}

}  // namespace

struct ConfigDocument::State {
  std::string name;
  YAML::Node root;
  std::vector<ConfigError> errors;
  // What was read, by path: a mapping asked for twice is one, or its halves would refuse each
  // other's keys.
  std::map<std::string, std::shared_ptr<ConfigNode::Impl>> read;

  void add(int line, std::string path, std::string wrong, std::string right) {
    ConfigError error{name, line, std::move(path), std::move(wrong), std::move(right)};
    if (std::ranges::find(errors, error) == errors.end()) errors.push_back(std::move(error));
  }
};

struct ConfigNode::Impl {
  ConfigDocument::State* document{nullptr};
  YAML::Node node;
  std::string path;
  int line{0};
  bool any_key{false};  // keys are names of the user's choice
  std::set<std::string> known;

  /// The node at `path`, made at its first asking; `line` stands in for that of an absent one.
  static std::shared_ptr<Impl> at(ConfigDocument::State& document, const YAML::Node& node,
                                  const std::string& path, int line);

  std::string path_of(std::string_view key) const {
    if (key.empty()) return path;
    return path.empty() ? std::string{key} : path + '.' + std::string{key};
  }
  YAML::Node child(std::string_view key) {
    known.emplace(key);
    if (given(node) && !node.IsMap())
      document->add(line, path, std::string{"this is "} + kind_of(node), "a mapping");
    if (!node.IsMap()) return YAML::Node{YAML::NodeType::Undefined};
    // Comparing scalars ourselves: operator[] would convert, and may throw on odd keys.
    for (const auto& entry : node)
      if (entry.first.IsScalar() && entry.first.Scalar() == key) return entry.second;
    return YAML::Node{YAML::NodeType::Undefined};
  }
};

namespace {

std::string quoted(std::string_view text) {
  constexpr std::size_t kShown = 80;
  std::string out{"\""};
  out += text.substr(0, kShown);
  if (text.size() > kShown) out += "…";
  return out + '"';
}

bool too_deep(const YAML::Node& node, std::size_t depth) {
  if (depth == 0) return true;
  if (node.IsMap()) {
    for (const auto& entry : node)
      if (too_deep(entry.second, depth - 1)) return true;
  } else if (node.IsSequence()) {
    for (const auto& entry : node)
      if (too_deep(entry, depth - 1)) return true;
  }
  return false;
}

/// A key twice in one mapping: yaml-cpp keeps both and answers with the first, which nobody meant.
void refuse_repeated_keys(ConfigDocument::State& document, const YAML::Node& node,
                          const std::string& path) {
  if (node.IsSequence()) {
    std::size_t index = 0;
    for (const auto& entry : node)
      refuse_repeated_keys(document, entry, path + '[' + std::to_string(index++) + ']');
  }
  if (!node.IsMap()) return;
  std::set<std::string> seen;
  for (const auto& entry : node) {
    if (!entry.first.IsScalar()) {
      document.add(line_of(entry.first), path, "a key is not a word", "a plain name as the key");
      continue;
    }
    const auto& key = entry.first.Scalar();
    const auto here = path.empty() ? key : path + '.' + key;
    if (!seen.insert(key).second)
      document.add(line_of(entry.first), here, "the key stands twice", "each key once");
    refuse_repeated_keys(document, entry.second, here);
  }
}

}  // namespace

std::shared_ptr<ConfigNode::Impl> ConfigNode::Impl::at(ConfigDocument::State& document,
                                                       const YAML::Node& node,
                                                       const std::string& path, int line) {
  auto& impl = document.read[path];
  if (impl) return impl;
  impl = std::make_shared<Impl>();
  impl->document = &document;
  impl->path = path;
  impl->line = given(node) ? line_of(node) : line;
  if (given(node)) impl->node = node;
  return impl;
}

std::string ConfigError::to_string() const {
  std::string out = file + ':';
  if (line > 0) out += std::to_string(line) + ':';
  out += ' ';
  if (!path.empty()) out += path + ": ";
  out += wrong;
  if (!right.empty()) out += ", expected " + right;
  return out;
}

ConfigDocument ConfigDocument::from_file(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  std::string text;
  if (file) {
    text.resize(kLargestFile + 1);
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(file.gcount()));
  }
  if (!file.is_open() || file.bad()) {
    auto state = std::make_shared<State>();
    state->name = path;
    state->add(0, "", std::string{"cannot be read: "} + std::strerror(errno), "a readable file");
    return ConfigDocument{state};
  }
  return from_text(text, path);
}

ConfigDocument ConfigDocument::from_text(std::string_view text, std::string name) {
  auto state = std::make_shared<State>();
  state->name = std::move(name);
  if (text.size() > kLargestFile) {
    state->add(0, "", "the file is too large", "at most " + format_bytes({kLargestFile}));
    return ConfigDocument{state};
  }
  // yaml-cpp recurses once a level; its own bound is far above what a stack of a sanitizer build
  // holds.
  try {
    const auto documents = YAML::LoadAll(std::string{text});
    if (documents.size() > 1) state->add(0, "", "there are several YAML documents", "a single one");
    if (!documents.empty()) state->root = documents.front();
  } catch (const YAML::Exception& error) {
    state->add(error.mark.line + 1, "", error.msg, "YAML");
    return ConfigDocument{state};
  }
  if (too_deep(state->root, kDeepestNesting)) {
    state->add(0, "", "the nesting is too deep",
               "at most " + std::to_string(kDeepestNesting) + " levels");
    state->root = YAML::Node{};
    return ConfigDocument{state};
  }
  refuse_repeated_keys(*state, state->root, "");
  return ConfigDocument{state};
}

ConfigNode ConfigDocument::root() const {
  return ConfigNode{ConfigNode::Impl::at(*state_, state_->root, "", 0)};
}

std::vector<ConfigError> ConfigDocument::errors() const {
  for (const auto& [path, impl] : state_->read) {
    if (impl->any_key || !impl->node.IsMap()) continue;
    const std::vector<std::string> known{impl->known.begin(), impl->known.end()};
    for (const auto& entry : impl->node) {
      if (!entry.first.IsScalar() || impl->known.contains(entry.first.Scalar())) continue;
      const auto& key = entry.first.Scalar();
      std::string right = nearest_word(key, known);
      if (!right.empty()) {
        right += " (did you mean that?)";
      } else {
        right = "one of";
        for (const auto& word : known) right += (right.size() > 6 ? ", " : " ") + word;
      }
      state_->add(line_of(entry.first), impl->path_of(key), "unknown key", right);
    }
  }
  std::ranges::stable_sort(state_->errors, {}, &ConfigError::line);
  return state_->errors;
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
  const auto parse = [](std::string_view text) -> std::optional<bool> {
    if (text == "true") return true;
    if (text == "false") return false;
    return std::nullopt;
  };
  read_scalar(key, out, parse, "true or false");
}

void ConfigNode::read(std::string_view key, std::string& out) const {
  if (auto text = scalar(key)) out = std::move(*text);
}

void ConfigNode::read(std::string_view key, Bytes& out, Range<std::uint64_t> range) const {
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
  read_scalar(key, out, IpAddress::parse, "an address such as 192.168.10.11");
}

void ConfigNode::read(std::string_view key, SocketAddress& out) const {
  read_scalar(key, out, SocketAddress::parse,
              "an address and a port such as 192.168.10.11:80 or [::1]:80");
}

void ConfigNode::read(std::string_view key, PrefixedAddress& out) const {
  read_scalar(key, out, PrefixedAddress::parse,
              "an address with a prefix length such as 192.168.10.100/24");
}

void ConfigNode::read(std::string_view key, std::vector<std::string>& out) const {
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

std::vector<std::pair<std::string, ConfigNode>> ConfigNode::entries(std::string_view key,
                                                                    std::size_t at_most) const {
  std::vector<std::pair<std::string, ConfigNode>> out;
  const auto mapping = section(key);
  mapping.impl_->any_key = true;
  if (!mapping.impl_->node.IsMap()) return out;
  if (mapping.impl_->node.size() > at_most) {
    fault(key, "there are " + std::to_string(mapping.impl_->node.size()),
          "at most " + std::to_string(at_most));
    return out;
  }
  for (const auto& entry : mapping.impl_->node)
    if (entry.first.IsScalar())
      out.emplace_back(entry.first.Scalar(), mapping.section(entry.first.Scalar()));
  return out;
}

std::optional<std::string> ConfigNode::text() const {
  if (!impl_->node.IsScalar()) return std::nullopt;
  return impl_->node.Scalar();
}

void ConfigNode::fault(std::string_view key, std::string wrong, std::string right) const {
  impl_->document->add(line(key), impl_->path_of(key), std::move(wrong), std::move(right));
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
