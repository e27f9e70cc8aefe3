#pragma once

/// `DownloadFixture` is what the tests of a download need: a loop, a consumer that does as it is
/// told, and a decoder whose coding a person can read.

#include <algorithm>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "client/download.h"
#include "support/test_loop.h"

namespace xtrace::testing {

/// `3a` means `aaa`; a count is one digit, and `0x` means `kMany` times `x`. `!` is damage. It
/// holds back what does not fit the output.
class FakeDecoder final : public BodyDecoder {
 public:
  static constexpr std::size_t kMany = 100'000;

  Expected<Step> decode(std::span<const std::byte> input, std::span<std::byte> output) override {
    Step step;
    while (step.made < output.size()) {
      const std::size_t some = std::min(left_, output.size() - step.made);
      std::fill_n(output.begin() + static_cast<std::ptrdiff_t>(step.made), some, letter_);
      step.made += some;
      left_ -= some;
      if (left_ > 0 || step.taken == input.size()) break;
      const std::byte next = input[step.taken];
      if (next == std::byte{'!'}) {
        if (step.made > 0 || step.taken > 0) break;
        return damage("damaged");
      }
      ++step.taken;
      if (!count_) {
        count_ = next == std::byte{'0'} ? kMany : static_cast<std::size_t>(next) - '0';
      } else {
        left_ = *std::exchange(count_, std::nullopt);
        letter_ = next;
      }
    }
    return step;
  }
  Expected<void> finish() override {
    if (count_) return damage("cut");
    return {};
  }

 private:
  static Error damage(const char* how) { return {Error::Code::body_undecodable, Phase::body, how}; }

  std::optional<std::size_t> count_;
  std::size_t left_ = 0;
  std::byte letter_{};
};

struct DownloadFixture {
  TestLoop loop;
  Download download{loop.loop()};
  Decoding limits{};

  std::deque<Flow> answers;        ///< What the consumer says in turn; then `proceed`.
  std::optional<Error> refusal;    ///< What it says instead.
  std::function<void()> on_piece;  ///< What it does meanwhile.
  std::string received;
  std::vector<std::size_t> pieces;
  const void* last_data = nullptr;
  int writable = 0;
  std::vector<Error> failures;
  std::optional<Expected<void>> ended;

  static std::span<const std::byte> as_bytes(std::string_view text) {
    return std::as_bytes(std::span(text.data(), text.size()));
  }

  void begin(std::unique_ptr<BodyDecoder> decoder = nullptr) {
    download.begin([this](std::span<const std::byte> piece) { return consume(piece); },
                   std::move(decoder), limits,
                   {.on_writable = [this] { ++writable; },
                    .on_failed = [this](const Error& error) { failures.push_back(error); }});
  }
  Expected<void> take(std::string_view text) { return download.take(as_bytes(text)); }
  void end() {
    download.end([this](Expected<void> result) { ended = std::move(result); });
  }
  Expected<Flow> consume(std::span<const std::byte> piece) {
    if (refusal) return *refusal;
    REQUIRE_FALSE(piece.empty());
    last_data = piece.data();
    pieces.push_back(piece.size());
    received.append(reinterpret_cast<const char*>(piece.data()), piece.size());
    if (on_piece) on_piece();
    if (answers.empty()) return Flow::proceed;
    const Flow answer = answers.front();
    answers.pop_front();
    return answer;
  }
};

}  // namespace xtrace::testing
