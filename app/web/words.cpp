#include "app/web/words.hpp"

#include <algorithm>
#include <span>

namespace booking::web {
namespace {

std::string_view text_of(std::span<const Word> words, std::string_view code,
                         std::string_view otherwise) {
  const auto found = std::ranges::find(words, code, &Word::code);
  return found == words.end() ? otherwise : found->text;
}

constexpr std::array kStatuses{Word{"requested", "접수"}, Word{"quoted", "견적 안내"},
                               Word{"approved", "승인"},  Word{"scheduled", "방문 예정"},
                               Word{"done", "완료"},      Word{"rejected", "반려"},
                               Word{"cancelled", "취소"}};
constexpr std::array kStatusTexts{
    Word{"requested", "신청을 확인하고 있습니다. 곧 전화드리겠습니다."},
    Word{"quoted", "견적을 안내해 드렸습니다."},
    Word{"approved", "방문이 확정되었습니다."},
    Word{"scheduled", "아래 시각에 방문할 예정입니다."},
    Word{"done", "작업을 마쳤습니다. 이용해 주셔서 고맙습니다."},
    Word{"rejected", "이번 신청은 맡아 드리지 못하게 되었습니다."},
    Word{"cancelled", "취소된 신청입니다."}};
constexpr std::array kFields{Word{"service", "종류"},         Word{"description", "증상"},
                             Word{"address", "주소"},         Word{"name", "이름"},
                             Word{"phone", "휴대전화"},       Word{"number", "신청 번호"},
                             Word{"date-0", "희망 방문일 1"}, Word{"date-1", "희망 방문일 2"},
                             Word{"date-2", "희망 방문일 3"}};

}  // namespace

std::string_view service_word(std::string_view service) {
  return text_of(kServices, service, "기타");
}

std::string_view status_word(std::string_view status) {
  return text_of(kStatuses, status, "처리 중");
}

std::string_view status_text(std::string_view status) {
  return text_of(kStatusTexts, status, "처리하고 있습니다.");
}

std::string_view field_word(std::string_view field) { return text_of(kFields, field, "입력"); }

}  // namespace booking::web
