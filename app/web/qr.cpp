#include "app/web/qr.hpp"

#include <memory>
#include <qrencode.h>

namespace booking::web {
namespace {

constexpr int kQuiet = 4;  // modules of white around it, which readers need

}  // namespace

std::string qr_svg(std::string_view text) {
  const std::string whole{text};
  const std::unique_ptr<QRcode, decltype(&QRcode_free)> code{
      QRcode_encodeString(whole.c_str(), 0, QR_ECLEVEL_M, QR_MODE_8, 1), &QRcode_free};
  if (!code) return {};
  const auto side = std::to_string(code->width + 2 * kQuiet);
  std::string path;
  for (int y = 0; y < code->width; ++y)
    for (int x = 0; x < code->width; ++x)
      if ((code->data[y * code->width + x] & 1U) != 0)
        path += "M" + std::to_string(x + kQuiet) + " " + std::to_string(y + kQuiet) + "h1v1h-1z";
  return "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + side + " " + side +
         "\" shape-rendering=\"crispEdges\" aria-hidden=\"true\"><rect width=\"" + side +
         "\" height=\"" + side + "\" fill=\"#fff\"/><path fill=\"#000\" d=\"" + path + "\"/></svg>";
}

}  // namespace booking::web
