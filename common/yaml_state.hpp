#pragma once

#include "common/yaml_reader.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace common {

inline int line_of(const YAML::Node& node) { return node.Mark().line + 1; }

inline bool given(const YAML::Node& node) { return node.IsDefined() && !node.IsNull(); }

inline const char* kind_of(const YAML::Node& node) {
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

/// What the nodes of one document share.
struct ConfigDocument::State {
  static constexpr std::size_t kMostErrors = 1000;

  std::string name;
  YAML::Node root;
  std::vector<ConfigError> errors;
  std::vector<ConfigError> warnings;
  // What was read, by path: a mapping asked for twice is one, or its halves would refuse each
  // other's keys.
  std::map<std::string, std::shared_ptr<ConfigNode::Impl>> read;

  std::map<std::string, ConfigSetting> settings;  // by path, without the places in lists

  bool unread{
      false};  // it is no configuration at all: what is missing in it is no fault of its own

  void add(int line, std::string path, std::string wrong, std::string right) {
    if (unread || errors.size() == kMostErrors) return;  // enough to be mended first
    ConfigError error{name, line, std::move(path), std::move(wrong), std::move(right)};
    if (std::ranges::find(errors, error) == errors.end()) errors.push_back(std::move(error));
  }
};

/// One node, asked for at least once.
struct ConfigNode::Impl {
  ConfigDocument::State* document{nullptr};
  YAML::Node node;
  std::string path;
  int line{0};
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

}  // namespace common
