#pragma once

#include <array>
#include <string_view>

namespace booking::web {

// What the pages say in Korean for the machine's words.

struct Word {
  std::string_view code;
  std::string_view text;
};

inline constexpr std::array kServices{Word{"leak", "누수"}, Word{"clog", "막힘"},
                                      Word{"freeze", "동파"}, Word{"replace", "교체"},
                                      Word{"other", "기타"}};
inline constexpr std::array kWindows{Word{"any", "시간 무관"}, Word{"morning", "오전"},
                                     Word{"afternoon", "오후"}};

std::string_view service_word(std::string_view service);
std::string_view status_word(std::string_view status);
/// One sentence on what happens next.
std::string_view status_text(std::string_view status);
/// A field's name as its label has it.
std::string_view field_word(std::string_view field);

}  // namespace booking::web
