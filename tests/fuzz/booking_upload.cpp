// Fuzz entry for forms with files and for the photos in them.
#include "app/media/jpeg.hpp"
#include "app/web/multipart.hpp"
#include "common/contract.hpp"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  if (const auto form = booking::web::read_multipart(text, "b")) {
    common::expects(form->files.size() <= booking::web::Multipart::kMostFiles, "a form is bounded");
    for (const auto& file : form->files)
      common::expects(file.content.size() <= size, "a file is part of the body");
  }
  const auto stripped = booking::media::strip_jpeg(text);
  if (const auto* jpeg = std::get_if<booking::media::Jpeg>(&stripped)) {
    common::expects(jpeg->octets.size() <= size + 18, "nothing is added but a JFIF segment");
    const auto again = booking::media::strip_jpeg(jpeg->octets);
    const auto* twice = std::get_if<booking::media::Jpeg>(&again);
    common::expects(twice != nullptr && twice->octets == jpeg->octets,
                    "what was stripped is a photo and has nothing left to take");
  }
  return 0;
}
