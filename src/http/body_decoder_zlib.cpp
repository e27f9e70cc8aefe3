#include <algorithm>
#include <limits>

// zlib promises not to write to its input only then.
#define ZLIB_CONST  // NOLINT(readability-identifier-naming)
#include <zlib.h>

#include "http/body_decoder_codings.h"

namespace xtrace {

namespace {

uInt clamp(std::size_t size) {
  return static_cast<uInt>(std::min<std::size_t>(size, std::numeric_limits<uInt>::max()));
}

enum class Wrapping { gzip, zlib, none };

// What zlib takes for the size of the window and the wrapping of the data in one number.
int window_bits(Wrapping wrapping) {
  if (wrapping == Wrapping::gzip) return MAX_WBITS + 16;
  return wrapping == Wrapping::zlib ? MAX_WBITS : -MAX_WBITS;
}

// A zlib header's first byte says 8 in its low half. Bare deflate data could say so only with a
// stored block whose padding is not zero, which nothing writes.
Wrapping wrapping_of_deflate(std::byte first) {
  return (first & std::byte{0x0f}) == std::byte{8} ? Wrapping::zlib : Wrapping::none;
}

class ZlibDecoder final : public SteppedDecoder {
 public:
  ZlibDecoder(std::string_view name, bool is_gzip) : SteppedDecoder(name), is_gzip_(is_gzip) {}
  ZlibDecoder(const ZlibDecoder&) = delete;
  ZlibDecoder& operator=(const ZlibDecoder&) = delete;
  ~ZlibDecoder() override { inflateEnd(&stream_); }

 private:
  enum class State { begin, data, end };

  Step advance(std::span<const std::byte> input, std::span<std::byte> output) override;
  Expected<void> check_end() override;
  void begin(std::byte first);
  void begin_next(std::byte first);
  void judge(int outcome);

  const bool is_gzip_;
  State state_ = State::begin;
  z_stream stream_{};
};

BodyDecoder::Step ZlibDecoder::advance(std::span<const std::byte> input,
                                       std::span<std::byte> output) {
  if (state_ != State::data) {
    if (input.empty()) return {};
    state_ == State::begin ? begin(input.front()) : begin_next(input.front());
    if (has_failed()) return {};
  }
  const uInt offered = clamp(input.size());
  const uInt room = clamp(output.size());
  stream_.next_in = reinterpret_cast<const Bytef*>(input.data());
  stream_.avail_in = offered;
  stream_.next_out = reinterpret_cast<Bytef*>(output.data());
  stream_.avail_out = room;
  judge(inflate(&stream_, Z_NO_FLUSH));
  return {.taken = offered - stream_.avail_in, .made = room - stream_.avail_out};
}

void ZlibDecoder::begin(std::byte first) {
  const Wrapping wrapping = is_gzip_ ? Wrapping::gzip : wrapping_of_deflate(first);
  if (inflateInit2(&stream_, window_bits(wrapping)) != Z_OK) return fail_damaged("out of memory");
  state_ = State::data;
}

void ZlibDecoder::begin_next(std::byte first) {
  constexpr std::byte kGzipMagic{0x1f};
  if (!is_gzip_ || first != kGzipMagic) return fail_trailing();
  inflateReset(&stream_);
  state_ = State::data;
}

void ZlibDecoder::judge(int outcome) {
  switch (outcome) {
    case Z_OK:
    case Z_BUF_ERROR:  // nothing to be done without more input or room
      return;
    case Z_STREAM_END:
      state_ = State::end;
      return;
    case Z_NEED_DICT:
      return fail_damaged("it needs a dictionary");
    default:
      return fail_damaged(stream_.msg != nullptr ? stream_.msg : zError(outcome));
  }
}

Expected<void> ZlibDecoder::check_end() {
  if (state_ == State::end) return {};
  return cut_error();
}

}  // namespace

std::unique_ptr<BodyDecoder> make_gzip_decoder() {
  return std::make_unique<ZlibDecoder>("gzip", true);
}

std::unique_ptr<BodyDecoder> make_deflate_decoder() {
  return std::make_unique<ZlibDecoder>("deflate", false);
}

}  // namespace xtrace
