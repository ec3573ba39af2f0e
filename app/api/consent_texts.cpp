#include "app/api/consent_texts.hpp"

#include "app/store/sha256.hpp"

namespace booking::api {
namespace {

std::string_view sentence(core::ConsentKind kind, web::Language language) {
  return web::text(language,
                   kind == core::ConsentKind::Marketing ? "consent_marketing" : "consent_photos");
}

}  // namespace

store::ConsentTexts consent_texts(web::Language language) {
  return {store::sha256(sentence(core::ConsentKind::KeepPhotos, language)),
          store::sha256(sentence(core::ConsentKind::Marketing, language))};
}

std::string_view text_of(const core::Consent& consent) {
  for (const auto language : {web::Language::Korean, web::Language::English})
    if (const auto words = sentence(consent.kind, language); consent.text == store::sha256(words))
      return words;
  return {};
}

}  // namespace booking::api
