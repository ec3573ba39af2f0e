#include "app/notify/http_post.hpp"

#include <curl/curl.h>
#include <memory>

namespace booking::notify {
namespace {

std::size_t discard(char*, std::size_t size, std::size_t count, void*) { return size * count; }

struct Fields {
  curl_slist* list{nullptr};

  explicit Fields(const Post& post) {
    for (const auto& [name, value] : post.fields)
      list = curl_slist_append(list, (name + ": " + value).c_str());
    list = curl_slist_append(list, "Expect:");  // no waiting for 100-continue
  }
  ~Fields() { curl_slist_free_all(list); }
  Fields(const Fields&) = delete;
  Fields& operator=(const Fields&) = delete;
};

}  // namespace

std::string deliver(const Post& post, std::chrono::milliseconds timeout) {
  static const bool started = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> handle{curl_easy_init(),
                                                                   &curl_easy_cleanup};
  if (!started || !handle) return "libcurl does not start";
  const Fields fields{post};
  auto* curl = handle.get();
  curl_easy_setopt(curl, CURLOPT_URL, post.url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_POST, 1L);
  curl_easy_setopt(curl, CURLOPT_POSTFIELDS, post.body.data());
  curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(post.body.size()));
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, fields.list);
  curl_easy_setopt(curl, CURLOPT_USERAGENT, "bookd");
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(timeout.count()));
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &discard);
  const auto code = curl_easy_perform(curl);
  if (code != CURLE_OK) return curl_easy_strerror(code);
  long status = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  return status >= 200 && status < 300 ? std::string{} : "http " + std::to_string(status);
}

}  // namespace booking::notify
