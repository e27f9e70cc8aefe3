#pragma once

/// Numbers and texts as the protocols of metrics want them.

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace xtrace {

/// A number in the fewest digits that read back as the same double; whole ones below 10^15 without
/// an exponent. Infinities and NaN as Prometheus spells them.
class NumberText {
 public:
  /// A double takes 24 at most.
  static constexpr std::size_t kMost = 31;

  explicit NumberText(double value);
  std::string_view view() const { return {letters_.data(), size_}; }
  std::size_t size() const { return size_; }

  /// Writes the text to where there is room for `kMost` letters, for it may spoil those that
  /// follow: a copy of constant length costs a fraction of another. Returns the text's end.
  char* write_to(char* at) const {
    std::memcpy(at, letters_.data(), kMost);
    return at + size_;
  }

 private:
  std::array<char, kMost> letters_;
  std::uint8_t size_ = 0;
};

/// `text` in valid UTF-8 (U+FFFD stands for what was not), each of the ASCII letters `forbidden`
/// replaced by an underscore.
std::string clean_text(std::string_view text, std::string_view forbidden);

}  // namespace xtrace
