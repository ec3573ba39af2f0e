#include "app/records/icalendar.hpp"

#include <array>
#include <cstdio>

namespace booking::records {
namespace {

constexpr std::size_t kLongestLine = 75;  // octets, without the line's end (§3.1)

/// §3.3.11: backslash, semicolon, comma and line ends are escaped.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\' || c == ';' || c == ',')
      out.append("\\").append(1, c);
    else if (c == '\n')
      out += "\\n";
    else if (c != '\r')
      out += c;
  }
  return out;
}

bool continues_a_character(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

void add_line(std::string& out, std::string line) {
  std::size_t room = kLongestLine;
  std::string_view rest = line;
  while (rest.size() > room) {
    auto cut = room;
    while (cut > 0 && continues_a_character(rest[cut])) --cut;  // no character is parted
    out.append(rest.substr(0, cut)).append("\r\n ");
    rest.remove_prefix(cut);
    room = kLongestLine - 1;  // the blank in front counts
  }
  out.append(rest).append("\r\n");
}

/// §3.3.5, form 2: `20261201T010000Z`.
std::string utc(common::WallTime time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  const auto day = std::chrono::floor<std::chrono::days>(seconds);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{seconds - day};
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%04d%02u%02uT%02d%02d%02dZ",
                static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
                static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return text.data();
}

}  // namespace

std::string icalendar(std::string_view name, const std::vector<CalendarEntry>& entries) {
  std::string out;
  add_line(out, "BEGIN:VCALENDAR");
  add_line(out, "VERSION:2.0");
  add_line(out, "PRODID:-//Mainstay//bookd//KO");
  add_line(out, "CALSCALE:GREGORIAN");
  add_line(out, "METHOD:PUBLISH");
  add_line(out, "X-WR-CALNAME:" + escaped(name));
  add_line(out, "X-WR-TIMEZONE:Asia/Seoul");
  for (const auto& entry : entries) {
    add_line(out, "BEGIN:VEVENT");
    add_line(out, "UID:" + escaped(entry.uid));
    add_line(out, "DTSTAMP:" + utc(entry.changed));
    add_line(out, "SEQUENCE:" + std::to_string(entry.sequence));
    add_line(out, "DTSTART:" + utc(entry.start));
    add_line(out, "DTEND:" + utc(entry.start + entry.duration));
    add_line(out, "SUMMARY:" + escaped(entry.summary));
    if (!entry.location.empty()) add_line(out, "LOCATION:" + escaped(entry.location));
    if (!entry.description.empty()) add_line(out, "DESCRIPTION:" + escaped(entry.description));
    add_line(out, "END:VEVENT");
  }
  add_line(out, "END:VCALENDAR");
  return out;
}

}  // namespace booking::records
