#include <zstd.h>

#include "http/body_decoder_codings.h"

namespace xtrace {

namespace {

// RFC 9659: a window of 8 MiB is what every recipient can be expected to have.
constexpr int kMaxWindowLog = 23;

struct FreeZstd {
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

class ZstdDecoder final : public SteppedDecoder {
 public:
  ZstdDecoder() : SteppedDecoder("zstd"), context_(ZSTD_createDCtx()) {
    if (!context_) {
      fail_damaged("out of memory");
      return;
    }
    ZSTD_DCtx_setParameter(context_.get(), ZSTD_d_windowLogMax, kMaxWindowLog);
  }

 private:
  Step advance(std::span<const std::byte> input, std::span<std::byte> output) override;
  Expected<void> check_end() override;

  std::unique_ptr<ZSTD_DCtx, FreeZstd> context_;
  bool is_between_frames_ = true;
};

BodyDecoder::Step ZstdDecoder::advance(std::span<const std::byte> input,
                                       std::span<std::byte> output) {
  if (is_between_frames_ && input.empty()) return {};
  ZSTD_inBuffer from{.src = input.data(), .size = input.size(), .pos = 0};
  ZSTD_outBuffer into{.dst = output.data(), .size = output.size(), .pos = 0};
  const std::size_t wanted = ZSTD_decompressStream(context_.get(), &into, &from);
  if (ZSTD_isError(wanted) != 0) {
    fail_damaged(ZSTD_getErrorName(wanted));
  } else {
    is_between_frames_ = wanted == 0;
  }
  return {.taken = from.pos, .made = into.pos};
}

Expected<void> ZstdDecoder::check_end() {
  if (is_between_frames_) return {};
  return cut_error();
}

}  // namespace

std::unique_ptr<BodyDecoder> make_zstd_decoder() {
  return std::make_unique<ZstdDecoder>();
}

}  // namespace xtrace
