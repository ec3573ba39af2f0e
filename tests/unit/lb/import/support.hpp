#pragma once

#include "lb/import/nginx.hpp"
#include "tests/support/catch.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lb::import {

using Texts = std::map<std::string, std::string>;

inline Files in_memory(const Texts& texts) {
  return {[texts](const std::string& path, std::size_t most) -> std::optional<std::string> {
            const auto found = texts.find(path);
            if (found == texts.end() || found->second.size() > most) return std::nullopt;
            return found->second;
          },
          [texts](const std::string& pattern) {  // `folder/*` only
            std::vector<std::string> paths;
            for (const auto& [path, text] : texts)
              if (path.starts_with(pattern.substr(0, pattern.find('*')))) paths.push_back(path);
            return paths;
          }};
}

inline Imported imported(const std::string& text, Texts more = {}) {
  more["/etc/nginx/nginx.conf"] = text;
  const auto out = import_nginx("/etc/nginx/nginx.conf", in_memory(more));
  INFO((out ? std::string{} : out.error()));
  REQUIRE(out.has_value());
  return *out;
}

/// `location` in a server that proxies all else.
inline Imported with_location(const std::string& location, const std::string& outside = "") {
  return imported("http {\n" + outside +
                  "\nserver { listen 80; server_name a.kr;\n"
                  "proxy_set_header Host $host;\nlocation / { proxy_pass http://10.0.0.1:80; }\n" +
                  location + "\n} }\n");
}

inline bool has(const std::string& text, std::string_view part) {
  CAPTURE(text, part);
  return text.find(part) != std::string::npos;
}

}  // namespace lb::import
