#include "lb/filters/coding.hpp"

#include <algorithm>
#include <brotli/encode.h>
#include <zlib.h>
#include <zstd.h>

// The memory of each is bounded by its window: gzip 256 KiB, zstd and brotli with a window of
// 128 KiB under 1 MiB at the levels used here.

namespace lb::filters {
namespace {

constexpr int kWindowBits = 17;  // of zstd and brotli: 128 KiB

class Gzip final : public Encoder {
 public:
  explicit Gzip(int level) {
    constexpr int kGzipWrapper = 16;
    ready_ = deflateInit2(&stream_, level, Z_DEFLATED, MAX_WBITS + kGzipWrapper, 8,
                          Z_DEFAULT_STRATEGY) == Z_OK;
  }
  Gzip(const Gzip&) = delete;
  Gzip& operator=(const Gzip&) = delete;
  ~Gzip() override {
    if (ready_) deflateEnd(&stream_);
  }
  bool is_ready() const { return ready_; }

  Step put(std::string_view input, std::span<char> output, Until until) override {
    if (input.empty() && until != Until::Ended && !pending_) return {.done = true};
    // zlib takes a pointer to what it does not change.
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));
    stream_.avail_in = static_cast<uInt>(input.size());
    stream_.next_out = reinterpret_cast<Bytef*>(output.data());
    stream_.avail_out = static_cast<uInt>(output.size());
    const int flush = until == Until::Ended     ? Z_FINISH
                      : until == Until::Flushed ? Z_SYNC_FLUSH
                                                : Z_NO_FLUSH;
    const int result = deflate(&stream_, flush);
    Step step{.consumed = input.size() - stream_.avail_in,
              .produced = output.size() - stream_.avail_out};
    if (until == Until::Ended)
      step.done = result == Z_STREAM_END;
    else
      step.done = stream_.avail_in == 0 && (stream_.avail_out > 0 || until == Until::Fed);
    pending_ = !(step.done && until == Until::Flushed);
    return step;
  }

 private:
  z_stream stream_{};
  bool ready_{false};
  bool pending_{false};  // something went in that has not been flushed
};

class Zstd final : public Encoder {
 public:
  explicit Zstd(int level) : stream_{ZSTD_createCCtx()} {
    if (stream_ == nullptr) return;
    ready_ = ZSTD_isError(ZSTD_CCtx_setParameter(stream_, ZSTD_c_compressionLevel, level)) == 0 &&
             ZSTD_isError(ZSTD_CCtx_setParameter(stream_, ZSTD_c_windowLog, kWindowBits)) == 0;
  }
  Zstd(const Zstd&) = delete;
  Zstd& operator=(const Zstd&) = delete;
  ~Zstd() override { ZSTD_freeCCtx(stream_); }
  bool is_ready() const { return ready_; }

  Step put(std::string_view input, std::span<char> output, Until until) override {
    if (input.empty() && until != Until::Ended && !pending_) return {.done = true};
    ZSTD_inBuffer in{input.data(), input.size(), 0};
    ZSTD_outBuffer out{output.data(), output.size(), 0};
    const auto left = ZSTD_compressStream2(stream_, &out, &in,
                                           until == Until::Ended     ? ZSTD_e_end
                                           : until == Until::Flushed ? ZSTD_e_flush
                                                                     : ZSTD_e_continue);
    if (ZSTD_isError(left) != 0) return {};
    Step step{.consumed = in.pos, .produced = out.pos};
    step.done = in.pos == in.size && (until == Until::Fed || left == 0);
    pending_ = !(step.done && until == Until::Flushed);
    return step;
  }

 private:
  ZSTD_CCtx* stream_;
  bool ready_{false};
  bool pending_{false};
};

class Brotli final : public Encoder {
 public:
  explicit Brotli(int quality) : stream_{BrotliEncoderCreateInstance(nullptr, nullptr, nullptr)} {
    if (stream_ == nullptr) return;
    BrotliEncoderSetParameter(stream_, BROTLI_PARAM_QUALITY, static_cast<std::uint32_t>(quality));
    BrotliEncoderSetParameter(stream_, BROTLI_PARAM_LGWIN, kWindowBits);
  }
  Brotli(const Brotli&) = delete;
  Brotli& operator=(const Brotli&) = delete;
  ~Brotli() override {
    if (stream_ != nullptr) BrotliEncoderDestroyInstance(stream_);
  }
  bool is_ready() const { return stream_ != nullptr; }

  Step put(std::string_view input, std::span<char> output, Until until) override {
    if (input.empty() && until != Until::Ended && !pending_) return {.done = true};
    const auto* next_in = reinterpret_cast<const std::uint8_t*>(input.data());
    auto* next_out = reinterpret_cast<std::uint8_t*>(output.data());
    std::size_t left_in = input.size();
    std::size_t left_out = output.size();
    const auto operation = until == Until::Ended     ? BROTLI_OPERATION_FINISH
                           : until == Until::Flushed ? BROTLI_OPERATION_FLUSH
                                                     : BROTLI_OPERATION_PROCESS;
    if (BrotliEncoderCompressStream(stream_, operation, &left_in, &next_in, &left_out, &next_out,
                                    nullptr) == BROTLI_FALSE)
      return {};
    Step step{.consumed = input.size() - left_in, .produced = output.size() - left_out};
    if (until == Until::Ended)
      step.done = BrotliEncoderIsFinished(stream_) == BROTLI_TRUE;
    else
      step.done = left_in == 0 && BrotliEncoderHasMoreOutput(stream_) == BROTLI_FALSE;
    pending_ = !(step.done && until == Until::Flushed);
    return step;
  }

 private:
  BrotliEncoderState* stream_;
  bool pending_{false};
};

template <class Made>
std::unique_ptr<Encoder> made(int level) {
  auto encoder = std::make_unique<Made>(level);
  return encoder->is_ready() ? std::move(encoder) : nullptr;
}

}  // namespace

std::unique_ptr<Encoder> make_encoder(Coding coding, int level) {
  switch (coding) {
    case Coding::Gzip:
      return made<Gzip>(level);
    case Coding::Zstd:
      return made<Zstd>(level);
    case Coding::Brotli:
      return made<Brotli>(std::min(level, 7));  // above, time and memory grow out of proportion
    case Coding::Identity:
      break;
  }
  return nullptr;
}

}  // namespace lb::filters
