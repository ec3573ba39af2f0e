#include "common/import_notes.hpp"

#include "common/json_text.hpp"

#include <utility>

namespace common {

void ImportNotes::add(const Directive& directive, Kind kind, std::string text) {
  const auto [found, is_new] = notes_.try_emplace(&directive, Note{kind, text});
  if (!is_new && kind > found->second.kind) found->second = {kind, std::move(text)};
}

void ImportNotes::collect(const std::vector<Directive>& all, const Kind* only,
                          std::vector<std::string>& out) const {
  for (const auto& directive : all) {
    const auto found = notes_.find(&directive);
    const auto kind = found != notes_.end() ? found->second.kind : Kind::LeftOut;
    if (only == nullptr || *only == kind)
      out.push_back(directive.where() + ": " +
                    (found != notes_.end() ? found->second.text
                                           : "left out: there is nothing like it in " + program_));
    // Inside a block that was left out as a whole there is nothing more to say.
    if (found == notes_.end() || kind == Kind::Became) collect(directive.block, only, out);
  }
}

std::vector<std::string> ImportNotes::lines(const std::vector<Directive>& all) const {
  std::vector<std::string> out;
  collect(all, nullptr, out);
  return out;
}

std::vector<std::string> ImportNotes::lines(const std::vector<Directive>& all, Kind only) const {
  std::vector<std::string> out;
  collect(all, &only, out);
  return out;
}

std::string yaml_comment(std::string text) {
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == '\x7F') c = ' ';
  return "# " + text + '\n';
}

std::string yaml_quoted(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

}  // namespace common
