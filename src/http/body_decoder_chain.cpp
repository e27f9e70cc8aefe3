#include <array>
#include <utility>

#include "http/body_decoder_codings.h"

namespace xtrace {

namespace {

class ChainDecoder final : public SteppedDecoder {
 public:
  ChainDecoder(std::unique_ptr<BodyDecoder> last, std::unique_ptr<BodyDecoder> first)
      : SteppedDecoder("list of codings"), last_(std::move(last)), first_(std::move(first)) {}

 private:
  Step advance(std::span<const std::byte> input, std::span<std::byte> output) override;
  Expected<void> check_end() override;
  Step pull(BodyDecoder& decoder, std::span<const std::byte> input, std::span<std::byte> output);

  std::unique_ptr<BodyDecoder> last_;
  std::unique_ptr<BodyDecoder> first_;
  std::array<std::byte, 16384> between_{};
  std::span<const std::byte> waiting_;  // the part of `between_` that `first_` has not taken
};

// Goes on as long as bytes move inside: they may come to nothing that the caller can see.
BodyDecoder::Step ChainDecoder::advance(std::span<const std::byte> input,
                                        std::span<std::byte> output) {
  for (;;) {
    Step outer;
    if (waiting_.empty()) {
      outer = pull(*last_, input, between_);
      waiting_ = std::span(between_).first(outer.made);
    }
    const Step inner = has_failed() ? Step() : pull(*first_, waiting_, output);
    waiting_ = waiting_.subspan(inner.taken);
    const bool is_moving = outer.made > 0 || inner.taken > 0;
    if (outer.taken > 0 || inner.made > 0 || !is_moving) {
      return {.taken = outer.taken, .made = inner.made};
    }
  }
}

BodyDecoder::Step ChainDecoder::pull(BodyDecoder& decoder, std::span<const std::byte> input,
                                     std::span<std::byte> output) {
  const Expected<Step> step = decoder.decode(input, output);
  if (const Error* error = step.if_error()) {
    fail(*error);
    return {};
  }
  return *step;
}

Expected<void> ChainDecoder::check_end() {
  if (Expected<void> ended = last_->finish(); !ended) return ended;
  return first_->finish();
}

}  // namespace

std::unique_ptr<BodyDecoder> make_chain_decoder(std::unique_ptr<BodyDecoder> last,
                                                std::unique_ptr<BodyDecoder> first) {
  return std::make_unique<ChainDecoder>(std::move(last), std::move(first));
}

}  // namespace xtrace
