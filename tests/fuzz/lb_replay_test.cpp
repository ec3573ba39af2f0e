#include "tests/support/catch.hpp"
#include "tests/support/corpus.hpp"

// The fuzz entries, by the names tests/fuzz/CMakeLists.txt gives them in this program.
extern "C" {
int fuzz_http1_head(const std::uint8_t* data, std::size_t size);
int fuzz_http1_chunked(const std::uint8_t* data, std::size_t size);
int fuzz_http2_frames(const std::uint8_t* data, std::size_t size);
int fuzz_http2_answers(const std::uint8_t* data, std::size_t size);
int fuzz_exchange_request(const std::uint8_t* data, std::size_t size);
int fuzz_exchange_answer(const std::uint8_t* data, std::size_t size);
int fuzz_config_yaml(const std::uint8_t* data, std::size_t size);
int fuzz_route_filters(const std::uint8_t* data, std::size_t size);
int fuzz_dns_answer(const std::uint8_t* data, std::size_t size);
int fuzz_proxy_header(const std::uint8_t* data, std::size_t size);
int fuzz_sticky_cookie(const std::uint8_t* data, std::size_t size);
int fuzz_tls_names(const std::uint8_t* data, std::size_t size);
}

TEST_CASE("The corpora of lbd and mutations of them break nothing", "[lb][fuzz]") {
  struct Row {
    const char* corpus;
    tests::FuzzEntry entry;
    int mutations;
  };
  for (const auto& row : {Row{"http1_head_corpus", fuzz_http1_head, 20'000},
                          Row{"http1_chunked_corpus", fuzz_http1_chunked, 20'000},
                          Row{"http2_frames_corpus", fuzz_http2_frames, 20'000},
                          Row{"http2_answers_corpus", fuzz_http2_answers, 20'000},
                          Row{"exchange_request_corpus", fuzz_exchange_request, 20'000},
                          Row{"exchange_answer_corpus", fuzz_exchange_answer, 20'000},
                          Row{"config_yaml_corpus", fuzz_config_yaml, 1'000},
                          Row{"route_filters_corpus", fuzz_route_filters, 20'000},
                          Row{"dns_answer_corpus", fuzz_dns_answer, 20'000},
                          Row{"proxy_header_corpus", fuzz_proxy_header, 20'000},
                          Row{"sticky_cookie_corpus", fuzz_sticky_cookie, 20'000},
                          Row{"tls_names_corpus", fuzz_tls_names, 20'000}}) {
    CAPTURE(row.corpus);
    tests::replay_corpus(row.corpus, row.entry, row.mutations);
  }
}
