#pragma once

/// The codings that `make_body_decoder` puts together, one decoder each, and what they have in
/// common.

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "http/body_decoder.h"

namespace xtrace {

/// Calls a coding's `advance` until input or output is used up. What a coding finds wrong is told
/// once all that it gave before has been taken.
class SteppedDecoder : public BodyDecoder {
 public:
  Expected<Step> decode(std::span<const std::byte> input, std::span<std::byte> output) final;
  Expected<void> finish() final;

 protected:
  /// `name` is the coding's, for messages, and lives forever.
  explicit SteppedDecoder(std::string_view name) : name_(name) {}

  /// Makes what progress it can; `output` is not empty. Taking and making nothing means that more
  /// input is needed, or that it has failed.
  virtual Step advance(std::span<const std::byte> input, std::span<std::byte> output) = 0;
  /// Whether the data is complete, as far as it was taken.
  virtual Expected<void> check_end() = 0;

  void fail_damaged(std::string_view reason);
  void fail_trailing();
  void fail(Error error) { failure_ = std::move(error); }
  bool has_failed() const { return failure_.has_value(); }
  Error cut_error() const;

 private:
  const std::string_view name_;
  bool is_begun_ = false;  // a byte of input was taken
  bool may_hold_ = false;  // the last output was filled
  std::optional<Error> failure_;
};

/// gzip (RFC 1952), any number of members behind each other; 40 KiB.
std::unique_ptr<BodyDecoder> make_gzip_decoder();
/// zlib (RFC 1950), or the bare deflate data (RFC 1951) that some servers send for it; 40 KiB.
std::unique_ptr<BodyDecoder> make_deflate_decoder();
/// Brotli (RFC 7932), windows up to 16 MiB.
std::unique_ptr<BodyDecoder> make_brotli_decoder();
/// zstd (RFC 8878), any number of frames; windows up to 8 MiB, as RFC 9659 has it for HTTP: more is
/// an error.
std::unique_ptr<BodyDecoder> make_zstd_decoder();

/// Undoes `last`, then `first`: a body to which `first` was applied before `last`.
std::unique_ptr<BodyDecoder> make_chain_decoder(std::unique_ptr<BodyDecoder> last,
                                                std::unique_ptr<BodyDecoder> first);

}  // namespace xtrace
