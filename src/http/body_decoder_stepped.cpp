#include <string>

#include "http/body_decoder_codings.h"

namespace xtrace {

namespace {

Error undecodable(std::string message) {
  return {Error::Code::body_undecodable, Phase::body, std::move(message)};
}

}  // namespace

Expected<BodyDecoder::Step> SteppedDecoder::decode(std::span<const std::byte> input,
                                                   std::span<std::byte> output) {
  Step step;
  bool is_moving = !input.empty() || may_hold_;
  while (is_moving && !failure_ && step.made < output.size()) {
    const Step part = advance(input.subspan(step.taken), output.subspan(step.made));
    step.taken += part.taken;
    step.made += part.made;
    is_moving = part.taken > 0 || part.made > 0;
  }
  is_begun_ = is_begun_ || step.taken > 0;
  if (!output.empty()) may_hold_ = step.made == output.size();
  if (failure_ && step.made == 0) return *failure_;
  return step;
}

Expected<void> SteppedDecoder::finish() {
  if (failure_) return *failure_;
  // Servers announce a coding for bodies that they then leave empty.
  if (!is_begun_) return {};
  return check_end();
}

void SteppedDecoder::fail_damaged(std::string_view reason) {
  fail(undecodable("the " + std::string(name_) + " body is damaged: " + std::string(reason)));
}

void SteppedDecoder::fail_trailing() {
  fail(undecodable("the " + std::string(name_) + " body goes on behind the end of its data"));
}

Error SteppedDecoder::cut_error() const {
  return undecodable("the " + std::string(name_) + " body is cut: its data has no end");
}

}  // namespace xtrace
