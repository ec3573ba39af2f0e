#include "app/api/problem_words.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace booking::api {
namespace {

struct Words {
  std::string_view code;
  std::string_view korean;
};

constexpr std::array kWords{
    Words{"account_configured", "이 계정의 비밀번호는 bookd.yaml에서만 바꿀 수 있습니다."},
    Words{"account_not_found", "그런 계정이 없습니다."},
    Words{"body_too_large", "보내신 내용이 너무 큽니다."},
    Words{"booking_not_found", "일치하는 신청을 찾지 못했습니다."},
    Words{"code_required", "인증 앱의 코드도 필요합니다."},
    Words{"cross_origin", "다른 사이트에서 보낸 요청은 받지 않습니다."},
    Words{"csrf_token_wrong", "X-CSRF-Token이 이 세션의 것이 아닙니다."},
    Words{"customer_not_found", "그런 고객이 없습니다."},
    Words{"duplicate_key", "본문에 같은 이름이 두 번 있습니다."},
    Words{"estimate_expired", "견적의 유효 기한이 지났습니다."},
    Words{"form_expected", "양식으로 보내 주세요."},
    Words{"head_too_large", "요청의 머리가 너무 큽니다."},
    Words{"idempotency_key_missing", "Idempotency-Key 하나가 필요합니다."},
    Words{"idempotency_key_reused", "이 Idempotency-Key는 다른 요청에 이미 쓰였습니다."},
    Words{"illegal_state", "지금 상태에서는 할 수 없는 일입니다."},
    Words{"internal", "저희 쪽에 문제가 생겼습니다."},
    Words{"invalid_fields", "고쳐야 할 항목이 있습니다."},
    Words{"invalid_form", "양식의 내용을 읽을 수 없습니다."},
    Words{"invalid_framing", "메시지의 길이가 분명하지 않습니다."},
    Words{"invalid_host", "Host 필드는 하나여야 합니다."},
    Words{"invalid_json", "본문이 올바른 JSON이 아닙니다."},
    Words{"invalid_query", "주소의 검색 조건을 읽을 수 없습니다."},
    Words{"invalid_target", "요청 대상이 경로가 아닙니다."},
    Words{"json_expected", "본문은 application/json이어야 합니다."},
    Words{"last_owner", "대표는 한 명 이상 있어야 합니다."},
    Words{"login_locked", "여러 번 틀렸습니다. 잠시 후 다시 시도해 주세요."},
    Words{"lookup_locked", "여러 번 틀렸습니다. 잠시 후 다시 시도해 주세요."},
    Words{"malformed_request", "HTTP/1.1 요청이 아닙니다."},
    Words{"merged_already", "이미 다른 고객과 합쳐져 있습니다. 먼저 되돌려 주세요."},
    Words{"method_not_allowed", "이 주소에서는 쓸 수 없는 메서드입니다."},
    Words{"name_taken", "이미 쓰이고 있는 이름입니다."},
    Words{"no_such_resource", "여기에는 아무것도 없습니다."},
    Words{"not_looked_yet", "처음 상태를 확인하고 있습니다. 잠시 후 다시 시도해 주세요."},
    Words{"off_calendar", "영업시간 밖의 방문입니다."},
    Words{"open_bookings", "아직 끝나지 않은 신청이 있습니다. 먼저 마치거나 취소해 주세요."},
    Words{"outcome_unknown",
          "답하는 중에 데이터베이스가 끊겼습니다. 같은 키로 다시 보내시면 안전합니다."},
    Words{"overloaded", "요청이 몰려 있습니다. 잠시 후 다시 시도해 주세요."},
    Words{"owner_required", "대표만 할 수 있습니다."},
    Words{"password_required", "먼저 비밀번호를 다시 입력해 주세요."},
    Words{"precondition_required", "If-Match에 읽은 버전의 ETag를 적어 주세요."},
    Words{"request_running", "같은 키의 요청을 처리하고 있습니다."},
    Words{"same_customer", "자기 자신과는 합칠 수 없습니다."},
    Words{"schema_mismatch", "데이터베이스의 구조가 이 버전과 다릅니다."},
    Words{"second_factor_not_begun", "먼저 2단계 인증 등록을 시작해 주세요."},
    Words{"second_factor_there", "지금 쓰는 2단계 인증을 먼저 해제해 주세요."},
    Words{"session_not_found", "그런 세션이 없습니다."},
    Words{"session_required", "먼저 로그인해 주세요."},
    Words{"slot_taken", "그 시간에는 이미 다른 방문이 있습니다."},
    Words{"stale_version", "그 사이에 내용이 바뀌었습니다. 다시 확인해 주세요."},
    Words{"store_unavailable", "지금은 저장할 수 없습니다. 바뀐 것은 없습니다."},
    Words{"too_late", "방문이 가까워 온라인으로는 바꿀 수 없습니다. 전화해 주세요."},
    Words{"unknown_coding", "chunked 전송 방식만 받습니다."},
    Words{"unknown_expectation", "Expect는 100-continue만 받습니다."},
    Words{"visit_needed", "정해진 방문 시각이 없습니다."},
    Words{"wrong_code", "코드가 맞지 않습니다."},
    Words{"wrong_credentials", "아이디나 비밀번호가 맞지 않습니다."}};

/// The weight of `range` in thousandths (RFC 9110 §12.4.2); 1000 without one.
int weight_of(std::string_view range) {
  const auto q = range.find("q=");
  if (q == std::string_view::npos) return 1000;
  auto text = range.substr(q + 2);
  if (text.starts_with('1')) return 1000;
  if (!text.starts_with("0.")) return 0;
  text = text.substr(2, 3);
  int digits = 0;
  const auto* end = std::from_chars(text.data(), text.data() + text.size(), digits).ptr;
  for (auto i = end - text.data(); i < 3; ++i) digits *= 10;
  return digits;
}

int weight_of(std::string_view accept_language, std::string_view language) {
  while (!accept_language.empty()) {
    const auto comma = accept_language.find(',');
    auto range = accept_language.substr(0, comma);
    range.remove_prefix(std::min(range.find_first_not_of(" \t"), range.size()));
    const auto tag = range.substr(0, range.find_first_of("; \t"));
    if (tag == language || (tag.starts_with(language) && tag.substr(language.size(), 1) == "-"))
      return weight_of(range);
    accept_language.remove_prefix(comma == std::string_view::npos ? accept_language.size()
                                                                  : comma + 1);
  }
  return 0;
}

}  // namespace

std::string_view korean_detail(std::string_view code) {
  const auto found = std::ranges::find(kWords, code, &Words::code);
  return found == kWords.end() ? std::string_view{} : found->korean;
}

bool prefers_korean(std::string_view accept_language) {
  return weight_of(accept_language, "ko") > weight_of(accept_language, "en");
}

}  // namespace booking::api
