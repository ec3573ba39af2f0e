#include "app/web/qr.hpp"

#include <cstddef>
#include <memory>
#include <qrencode.h>

namespace booking::web {
namespace {

constexpr int kQuiet = 4;  // modules of white around it, which readers need

/// The dark runs of a row as strokes along its middle, each from where the one before ended.
std::string row_path(const QRcode& code, int row) {
  const auto* const modules = code.data + static_cast<std::ptrdiff_t>(row) * code.width;
  std::string path = "M" + std::to_string(kQuiet) + ' ' + std::to_string(row + kQuiet) + ".5";
  int light = 0;
  for (int x = 0; x < code.width;) {
    int end = x;
    while (end < code.width && (modules[end] & 1U) == (modules[x] & 1U)) ++end;
    if ((modules[x] & 1U) == 0) {
      light = end - x;
    } else {
      if (light > 0) path += "m" + std::to_string(light) + " 0";
      path += "h" + std::to_string(end - x);
      light = 0;
    }
    x = end;
  }
  return path;
}

}  // namespace

std::string qr_svg(std::string_view text) {
  const std::string whole{text};
  const std::unique_ptr<QRcode, decltype(&QRcode_free)> code{
      QRcode_encodeString(whole.c_str(), 0, QR_ECLEVEL_M, QR_MODE_8, 1), &QRcode_free};
  if (!code) return {};
  const auto side = std::to_string(code->width + 2 * kQuiet);
  std::string path;
  for (int y = 0; y < code->width; ++y) path += row_path(*code, y);
  return "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + side + " " + side +
         "\" shape-rendering=\"crispEdges\" aria-hidden=\"true\"><rect width=\"" + side +
         "\" height=\"" + side + "\" fill=\"#fff\"/><path stroke=\"#000\" d=\"" + path +
         "\"/></svg>";
}

}  // namespace booking::web
