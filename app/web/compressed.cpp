#include "app/web/compressed.hpp"

#include "common/contract.hpp"

#include <brotli/encode.h>
#include <cstdint>
#include <zlib.h>

namespace booking::web {

std::string gzip(std::string_view content) {
  constexpr int kGzipWindow = 15 + 16;
  z_stream stream{};
  common::expects(deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, kGzipWindow, 9,
                               Z_DEFAULT_STRATEGY) == Z_OK,
                  "zlib begins");
  std::string out(deflateBound(&stream, static_cast<uLong>(content.size())), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
  stream.avail_in = static_cast<uInt>(content.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  common::expects(deflate(&stream, Z_FINISH) == Z_STREAM_END, "zlib has room for all of it");
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string brotli(std::string_view content) {
  std::size_t size = BrotliEncoderMaxCompressedSize(content.size());
  std::string out(size, '\0');
  common::expects(
      BrotliEncoderCompress(BROTLI_MAX_QUALITY, BROTLI_MAX_WINDOW_BITS, BROTLI_MODE_TEXT,
                            content.size(), reinterpret_cast<const std::uint8_t*>(content.data()),
                            &size, reinterpret_cast<std::uint8_t*>(out.data())) == BROTLI_TRUE,
      "Brotli has room for all of it");
  out.resize(size);
  return out;
}

}  // namespace booking::web
