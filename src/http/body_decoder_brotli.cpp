#include <brotli/decode.h>

#include "http/body_decoder_codings.h"

namespace xtrace {

namespace {

struct DestroyBrotli {
  void operator()(BrotliDecoderState* state) const { BrotliDecoderDestroyInstance(state); }
};

class BrotliDecoder final : public SteppedDecoder {
 public:
  BrotliDecoder()
      : SteppedDecoder("brotli"), state_(BrotliDecoderCreateInstance(nullptr, nullptr, nullptr)) {
    if (!state_) fail_damaged("out of memory");
  }

 private:
  Step advance(std::span<const std::byte> input, std::span<std::byte> output) override;
  Expected<void> check_end() override;

  std::unique_ptr<BrotliDecoderState, DestroyBrotli> state_;
};

BodyDecoder::Step BrotliDecoder::advance(std::span<const std::byte> input,
                                         std::span<std::byte> output) {
  if (BrotliDecoderIsFinished(state_.get()) != BROTLI_FALSE) {
    if (!input.empty()) fail_trailing();
    return {};
  }
  std::size_t input_left = input.size();
  const auto* next_input = reinterpret_cast<const std::uint8_t*>(input.data());
  std::size_t room_left = output.size();
  auto* next_output = reinterpret_cast<std::uint8_t*>(output.data());
  const BrotliDecoderResult result = BrotliDecoderDecompressStream(
      state_.get(), &input_left, &next_input, &room_left, &next_output, nullptr);
  if (result == BROTLI_DECODER_RESULT_ERROR) {
    fail_damaged(BrotliDecoderErrorString(BrotliDecoderGetErrorCode(state_.get())));
  }
  return {.taken = input.size() - input_left, .made = output.size() - room_left};
}

Expected<void> BrotliDecoder::check_end() {
  if (BrotliDecoderIsFinished(state_.get()) != BROTLI_FALSE) return {};
  return cut_error();
}

}  // namespace

std::unique_ptr<BodyDecoder> make_brotli_decoder() {
  return std::make_unique<BrotliDecoder>();
}

}  // namespace xtrace
