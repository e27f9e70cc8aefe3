#include "fuzz/target.h"
#include "http/decoded.h"

/// The first byte chooses the codings, the second the sizes of the pieces. However a body is split,
/// it breaks or it does not, and what one way gives begins what the other gives; nothing expands
/// without end.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace xtrace;
  if (size < 2) return 0;
  constexpr std::string_view kCodings[] = {
      "gzip", "deflate", "br", "zstd", "gzip, br", "zstd, deflate, gzip", "br, zstd", "identity"};
  const std::string_view codings = kCodings[data[0] % 8];
  const std::string_view body = testing::as_text(data, size).substr(2);
  const testing::Pieces pieces{.input = data[1] % 16U + 1, .room = data[1] / 16U + 1};
  constexpr std::size_t kEnough = 1 << 16;

  const testing::Decoded whole = testing::decode(codings, body, {.most = kEnough});
  const testing::Decoded split =
      testing::decode(codings, body, {.input = pieces.input, .room = pieces.room, .most = kEnough});
  testing::require(whole.has_kept_word && split.has_kept_word);
  testing::require(split.text.starts_with(whole.text) || whole.text.starts_with(split.text));
  if (whole.text.size() >= kEnough || split.text.size() >= kEnough) return 0;
  testing::require(whole.error.empty() == split.error.empty());
  testing::require(!whole.error.empty() || whole.text == split.text);
  return 0;
}
