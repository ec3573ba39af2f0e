#pragma once

#include <cstddef>
#include <cstdint>

namespace lb::http1 {

/// Bounds of what a stranger may send, in octets unless said otherwise.
struct Limits {
  std::size_t request_line{8 * 1024};  // 414 beyond; also the bound of a status line
  std::size_t field_line{8 * 1024};    // 431 beyond
  std::size_t fields{100};             // lines in a head; 431 beyond
  std::size_t head{16 * 1024};         // start line and fields together; 431 beyond
  std::size_t chunk_line{256};         // size and extensions of one chunk
  std::size_t chunk_extensions{4096};  // of a whole message; they carry nothing we use
  std::size_t trailers{4096};          // the trailer section; 431 beyond
  std::size_t trailer_fields{32};      // lines in it; 431 beyond
};

}  // namespace lb::http1
