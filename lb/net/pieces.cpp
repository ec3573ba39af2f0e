#include "lb/net/pieces.hpp"

#include <algorithm>

namespace lb::net {

void Pieces::consume(std::size_t octets) {
  total_ -= octets;
  while (octets > 0) {
    auto& piece = pieces_[first_];
    const auto taken = std::min(octets, piece.iov_len);
    piece = {static_cast<char*>(piece.iov_base) + taken, piece.iov_len - taken};
    octets -= taken;
    if (piece.iov_len == 0) ++first_;
  }
}

}  // namespace lb::net
