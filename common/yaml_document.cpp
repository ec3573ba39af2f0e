#include "common/nearest_word.hpp"
#include "common/yaml_reader.hpp"
#include "common/yaml_state.hpp"

#include <yaml-cpp/eventhandler.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

namespace common {
namespace {

/// Which bound a document breaks. Whoever reads it walks through an alias as often as it is used:
/// a few lines of aliases of aliases would be billions of values.
enum class Bound { None, Depth, Values };

Bound broken_bound(const YAML::Node& node, std::size_t depth, std::size_t& values) {
  if (depth == 0) return Bound::Depth;
  if (values-- == 0) return Bound::Values;
  auto broken = Bound::None;
  if (node.IsMap()) {
    for (auto entry = node.begin(); broken == Bound::None && entry != node.end(); ++entry)
      broken = broken_bound(entry->second, depth - 1, values);
  } else if (node.IsSequence()) {
    for (auto entry = node.begin(); broken == Bound::None && entry != node.end(); ++entry)
      broken = broken_bound(*entry, depth - 1, values);
  }
  return broken;
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
    auto here = path;
    if (!here.empty()) here += '.';
    here += key;
    if (!seen.insert(key).second)
      document.add(line_of(entry.first), here, "the key stands twice", "each key once");
    refuse_repeated_keys(document, entry.second, here);
  }
}

/// YAML allows none but these (YAML 1.2 §5.1); yaml-cpp takes a NUL for the end of the file.
bool is_control(char octet) {
  return static_cast<unsigned char>(octet) < 0x20 && octet != '\t' && octet != '\n' &&
         octet != '\r';
}

class Ignore : public YAML::EventHandler {
  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t,
                const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {}
  void OnMapEnd() override {}
};

/// Not by YAML::LoadAll: on some malformed texts it finds documents without end.
bool has_several_documents(const std::string& text) {
  std::istringstream stream{text};
  YAML::Parser parser{stream};
  Ignore ignore;
  return parser.HandleNextDocument(ignore) && parser.HandleNextDocument(ignore);
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

ConfigDocument ConfigDocument::unread(std::shared_ptr<State> state, int line, std::string wrong,
                                      std::string right) {
  state->add(line, "", std::move(wrong), std::move(right));
  state->unread = true;
  return ConfigDocument{std::move(state)};
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
    return unread(std::move(state), 0, std::string{"cannot be read: "} + std::strerror(errno),
                  "a readable file");
  }
  return from_text(text, path);
}

ConfigDocument ConfigDocument::from_text(std::string_view text, std::string name) {
  auto state = std::make_shared<State>();
  state->name = std::move(name);
  if (text.size() > kLargestFile) {
    return unread(std::move(state), 0, "the file is too large",
                  "at most " + format_bytes({kLargestFile}));
  }
  if (const auto octet = std::ranges::find_if(text, is_control); octet != text.end()) {
    const auto line = 1 + std::count(text.begin(), octet, '\n');
    return unread(std::move(state), static_cast<int>(line), "there is a control character", "text");
  }
  // yaml-cpp recurses once a level; its own bound is far above what a stack of a sanitizer build
  // holds.
  try {
    const std::string copy{text};
    if (has_several_documents(copy))
      return unread(std::move(state), 0, "there are several YAML documents", "a single one");
    state->root = YAML::Load(copy);
  } catch (const YAML::Exception& error) {
    return unread(std::move(state), error.mark.line + 1, error.msg, "YAML");
  }
  std::size_t values = kMostValues;
  if (const auto broken = broken_bound(state->root, kDeepestNesting, values);
      broken != Bound::None) {
    state->root = YAML::Node{};
    if (broken == Bound::Depth)
      return unread(std::move(state), 0, "the nesting is too deep",
                    "at most " + std::to_string(kDeepestNesting) + " levels");
    return unread(std::move(state), 0,
                  "there are too many values, aliases counted as often as they are used",
                  "at most " + std::to_string(kMostValues));
  }
  if (given(state->root) && !state->root.IsMap()) {
    const auto line = line_of(state->root);
    const std::string wrong = std::string{"this is "} + kind_of(state->root);
    state->root = YAML::Node{};
    return unread(std::move(state), line, wrong, "a mapping");
  }
  refuse_repeated_keys(*state, state->root, "");
  return ConfigDocument{state};
}

ConfigNode ConfigDocument::root() const {
  return ConfigNode{ConfigNode::Impl::at(*state_, state_->root, "", 0)};
}

std::vector<ConfigSetting> ConfigDocument::settings() const {
  std::vector<ConfigSetting> out;
  for (const auto& [path, setting] : state_->settings) out.push_back(setting);
  return out;
}

std::vector<ConfigError> ConfigDocument::errors() const {
  for (const auto& [path, impl] : state_->read) {
    if (!impl->node.IsMap()) continue;
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

const std::vector<ConfigError>& ConfigDocument::warnings() const { return state_->warnings; }

std::vector<std::string> ConfigDocument::files() const {
  std::vector<std::string> found;
  std::vector<YAML::Node> left{state_->root};  // no deeper than kDeepestNesting, or it is empty
  while (!left.empty()) {
    const auto node = left.back();
    left.pop_back();
    if (!node.IsDefined()) continue;
    if (node.IsSequence())
      for (const auto& item : node) left.push_back(item);
    if (!node.IsMap()) continue;
    for (const auto& entry : node) {
      const auto& value = entry.second;
      const bool named =
          entry.first.IsScalar() && value.IsScalar() &&
          (entry.first.Scalar() == "file" || entry.first.Scalar().ends_with("_file"));
      if (named)
        found.push_back(value.Scalar());
      else
        left.push_back(value);
    }
  }
  return found;
}

}  // namespace common
