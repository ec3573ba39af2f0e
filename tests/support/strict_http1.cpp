#include "tests/support/strict_http1.hpp"

#include <algorithm>
#include <optional>

namespace tests::strict {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string lower(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view{"!#$%&'*+-.^_`|~"}.find(c) != std::string_view::npos;
  });
}

/// VCHAR, SP, HTAB and obs-text.
bool is_text(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    const auto octet = static_cast<unsigned char>(c);
    return octet == '\t' || (octet >= ' ' && octet != 0x7F);
  });
}

std::string strip(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return std::string{text.substr(first, text.find_last_not_of(" \t") - first + 1)};
}

/// What is left of the input, by lines and by number. Once it has met a fault it gives nothing
/// more.
class Input {
 public:
  explicit Input(std::string_view octets) : octets_{octets} {}

  std::size_t at() const { return at_; }
  Verdict verdict() const { return verdict_; }
  bool fail(Verdict verdict) {
    verdict_ = verdict;
    return false;
  }

  /// Up to CR LF and over it. Any other use of CR or LF is a fault.
  bool line(std::string& out) {
    const auto end = octets_.find_first_of("\r\n", at_);
    if (end == std::string_view::npos) return fail(Verdict::Incomplete);
    if (octets_[end] == '\n') return fail(Verdict::Malformed);
    if (end + 1 == octets_.size()) return fail(Verdict::Incomplete);
    if (octets_[end + 1] != '\n') return fail(Verdict::Malformed);
    out = octets_.substr(at_, end - at_);
    at_ = end + 2;
    return true;
  }

  /// `count` octets; as many as there are when it is incomplete.
  bool octets(std::uint64_t count, std::string& out) {
    const auto have =
        static_cast<std::size_t>(std::min<std::uint64_t>(count, octets_.size() - at_));
    out += octets_.substr(at_, have);
    at_ += have;
    return have == count || fail(Verdict::Incomplete);
  }

  void skip_empty_line() {
    if (octets_.substr(at_, 2) == "\r\n") at_ += 2;
  }

 private:
  std::string_view octets_;
  std::size_t at_{0};
  Verdict verdict_{Verdict::Whole};
};

bool read_fields(Input& input, std::vector<std::pair<std::string, std::string>>& fields) {
  std::string line;
  while (true) {
    if (!input.line(line)) return false;
    if (line.empty()) return true;
    const auto colon = line.find(':');
    if (colon == std::string::npos || !is_token(line.substr(0, colon)) ||
        !is_text(line.substr(colon + 1)))
      return input.fail(Verdict::Malformed);
    fields.emplace_back(line.substr(0, colon), strip(line.substr(colon + 1)));
  }
}

std::optional<std::uint64_t> number(const std::string& text, unsigned base) {
  if (text.empty()) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : lower(text)) {
    const auto digit = std::string_view{"0123456789abcdef"}.find(c);
    if (digit >= base) return std::nullopt;  // npos, too
    if (value > (std::uint64_t{1} << 62U) / base) return std::nullopt;
    value = value * base + digit;
  }
  return value;
}

bool read_chunks(Input& input, Message& out) {
  std::string line;
  while (true) {
    if (!input.line(line)) return false;
    const auto semicolon = line.find(';');
    const auto size = number(line.substr(0, semicolon), 16);
    if (!size || !is_text(line)) return input.fail(Verdict::Malformed);
    if (*size == 0) break;
    if (!input.octets(*size, out.body)) return false;
    if (!input.line(line)) return false;
    if (!line.empty()) return input.fail(Verdict::Malformed);
  }
  return read_fields(input, out.trailers);
}

enum class Length { None, Counted, Chunked, UntilClose };

/// RFC 9112 §6.3, where every doubt is a fault.
bool find_length(Input& input, const Message& message, bool old, Length& kind,
                 std::uint64_t& count) {
  const auto codings = message.values("transfer-encoding");
  const auto lengths = message.values("content-length");
  if (codings.size() + lengths.size() > 1) return input.fail(Verdict::Malformed);
  if (!codings.empty()) {
    if (lower(codings[0]) != "chunked" || old) return input.fail(Verdict::Malformed);
    kind = Length::Chunked;
  }
  if (!lengths.empty()) {
    const auto value = number(lengths[0], 10);
    if (!value) return input.fail(Verdict::Malformed);
    count = *value;
    kind = Length::Counted;
  }
  return true;
}

bool read_body(Input& input, Length kind, std::uint64_t count, bool ended, Message& out) {
  switch (kind) {
    case Length::None:
      return true;
    case Length::Counted:
      return input.octets(count, out.body);
    case Length::Chunked:
      return read_chunks(input, out);
    case Length::UntilClose:
      input.octets(~std::uint64_t{0}, out.body);
      return input.fail(ended ? Verdict::Whole : Verdict::Incomplete);
  }
  return false;
}

bool is_version(const std::string& text) {
  return text.size() == 8 && text.substr(0, 7) == "HTTP/1." && is_digit(text[7]);
}

bool read_request(Input& input, Message& out) {
  input.skip_empty_line();
  std::string line;
  if (!input.line(line)) return false;
  const auto first = line.find(' ');
  const auto last = line.rfind(' ');
  if (first == std::string::npos || last == first) return input.fail(Verdict::Malformed);
  out.method = line.substr(0, first);
  out.target = line.substr(first + 1, last - first - 1);
  out.version = line.substr(last + 1);
  const bool visible = std::all_of(out.target.begin(), out.target.end(),
                                   [](char c) { return c > ' ' && c < 0x7F && c != '#'; });
  if (!is_token(out.method) || out.target.empty() || !visible || !is_version(out.version))
    return input.fail(Verdict::Malformed);
  if (!read_fields(input, out.fields)) return false;
  const bool old = out.version == "HTTP/1.0";
  const auto hosts = out.values("host").size();
  if (hosts > 1 || (hosts == 0 && !old)) return input.fail(Verdict::Malformed);
  out.head_whole = true;
  out.head_size = input.at();
  auto kind = Length::None;
  std::uint64_t count = 0;
  return find_length(input, out, old, kind, count) && read_body(input, kind, count, false, out);
}

bool read_answer(Input& input, std::string_view method, bool ended, Message& out) {
  std::string line;
  if (!input.line(line)) return false;
  if (line.size() < 12 || !is_version(line.substr(0, 8)) || line[8] != ' ' || !is_digit(line[9]) ||
      !is_digit(line[10]) || !is_digit(line[11]) || (line.size() > 12 && line[12] != ' ') ||
      !is_text(line.substr(12)))
    return input.fail(Verdict::Malformed);
  out.version = line.substr(0, 8);
  out.status = std::stoi(line.substr(9, 3));
  if (out.status < 100 || out.status > 599) return input.fail(Verdict::Malformed);
  if (!read_fields(input, out.fields)) return false;
  out.head_whole = true;
  out.head_size = input.at();
  auto kind = Length::UntilClose;
  std::uint64_t count = 0;
  if (!find_length(input, out, out.version == "HTTP/1.0", kind, count)) return false;
  if (method == "HEAD" || out.status < 200 || out.status == 204 || out.status == 304)
    kind = Length::None;
  return read_body(input, kind, count, ended, out);
}

}  // namespace

std::vector<std::string> Message::values(std::string_view name) const {
  std::vector<std::string> found;
  for (const auto& [key, value] : fields)
    if (lower(key) == lower(std::string{name})) found.push_back(value);
  return found;
}

Message read_request(std::string_view octets) {
  Message out;
  Input input{octets};
  read_request(input, out);
  out.verdict = input.verdict();
  out.size = input.at();
  return out;
}

Message read_answer(std::string_view octets, std::string_view method, bool ended) {
  Message out;
  Input input{octets};
  read_answer(input, method, ended, out);
  out.verdict = input.verdict();
  out.size = input.at();
  return out;
}

}  // namespace tests::strict
