#pragma once

/// `BodyDecoder` undoes a Content-Encoding, in steps of a size that its user chooses, so that no
/// body, however it expands, is decoded faster than it is taken. Its own memory is bounded by the
/// largest window of the coding: 32 KiB for gzip and deflate, 16 MiB for br (RFC 7932), and for
/// zstd the 8 MiB that RFC 9659 allows in HTTP; a frame that wants more is refused.

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

#include <xtrace/expected.h>

namespace xtrace {

class Headers;

class BodyDecoder {
 public:
  struct Step {
    std::size_t taken = 0;  ///< Bytes of the input that were used up.
    std::size_t made = 0;   ///< Bytes written to the output.
  };

  BodyDecoder() = default;
  BodyDecoder(const BodyDecoder&) = delete;
  BodyDecoder& operator=(const BodyDecoder&) = delete;
  virtual ~BodyDecoder() = default;

  /// Decode from `input` into `output`, until one of them is used up. With input left and nothing
  /// taken or made there is an error. May hold decoded bytes back where it filled the output: call
  /// again with an empty input until nothing is made. Errors: `body_undecodable` in phase body,
  /// once all that was made before it has been taken out.
  virtual Expected<Step> decode(std::span<const std::byte> input, std::span<std::byte> output) = 0;

  /// The input is over and everything has been taken out. Error: `body_undecodable` where the data
  /// is cut, or bytes came behind its end that are no further member. An empty body is fine in
  /// every coding.
  virtual Expected<void> finish() = 0;
};

/// The value of Accept-Encoding that asks for everything this build decodes.
inline constexpr std::string_view kAcceptedEncodings = "gzip, deflate, br, zstd";

/// For the codings of a Content-Encoding field in the order they were applied (`gzip`, `x-gzip`,
/// `deflate` as zlib or raw, `br`, `zstd`; `identity` is none; a list is undone from its end). Null
/// where there is nothing to undo, or a coding that is not known, or more than four: the body is
/// then given as it came.
std::unique_ptr<BodyDecoder> make_body_decoder(std::string_view content_encoding);

/// The same for every Content-Encoding field of a response, which are one list.
std::unique_ptr<BodyDecoder> make_body_decoder(const Headers& headers);

}  // namespace xtrace
