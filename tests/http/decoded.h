#pragma once

/// Whole bodies through a `BodyDecoder`, in pieces of any size, for tests.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "http/body_decoder.h"
#include "http/record.h"

namespace xtrace::testing {

/// Sizes of the pieces that a decoder gets, and of the room it gets for what it makes.
struct Pieces {
  std::size_t input = 65536;
  std::size_t room = 65536;
  std::size_t most = SIZE_MAX;  ///< No more is fed once this much was made.
};

struct Decoded {
  std::string text{};
  std::string error{};        ///< The message; empty where there is none.
  bool has_kept_word = true;  ///< It moved, or failed, as long as there was input.

  friend bool operator==(const Decoded&, const Decoded&) = default;
};

/// Drives a decoder as its contract says: all of each piece, then what it holds back.
class DecoderDriver {
 public:
  DecoderDriver(BodyDecoder& decoder, std::size_t room, std::size_t most = SIZE_MAX)
      : decoder_(decoder), room_(room), most_(most) {}

  void feed(std::string_view piece) {
    std::span<const std::byte> rest = as_bytes(piece);
    bool is_filled = true;
    while (is_going_on() && (!rest.empty() || is_filled)) {
      const Expected<BodyDecoder::Step> step = decoder_.decode(rest, room_);
      if (const Error* error = step.if_error()) {
        decoded_.error = error->message;
        return;
      }
      decoded_.has_kept_word = rest.empty() || step->taken > 0 || step->made > 0;
      decoded_.text.append(reinterpret_cast<const char*>(room_.data()), step->made);
      rest = rest.subspan(step->taken);
      is_filled = step->made == room_.size();
    }
  }

  Decoded end() {
    const Expected<void> ended = decoder_.finish();
    if (decoded_.error.empty() && !ended) decoded_.error = ended.error().message;
    return decoded_;
  }

 private:
  bool is_going_on() const {
    return decoded_.error.empty() && decoded_.has_kept_word && decoded_.text.size() < most_;
  }

  BodyDecoder& decoder_;
  std::vector<std::byte> room_;
  std::size_t most_;
  Decoded decoded_;
};

inline Decoded decode(std::string_view codings, std::string_view body, Pieces pieces = {}) {
  const std::unique_ptr<BodyDecoder> decoder = make_body_decoder(codings);
  if (!decoder) return {.error = "no decoder"};
  DecoderDriver driver(*decoder, pieces.room, pieces.most);
  while (!body.empty()) {
    driver.feed(body.substr(0, pieces.input));
    body.remove_prefix(std::min(pieces.input, body.size()));
  }
  return driver.end();
}

}  // namespace xtrace::testing
