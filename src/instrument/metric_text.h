#pragma once

/// Numbers and texts as the protocols of metrics want them.

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace xtrace {

/// A number in the fewest digits that read back as the same double; whole ones below 10^15 without
/// an exponent. Infinities and NaN as Prometheus spells them.
class NumberText {
 public:
  explicit NumberText(double value);
  std::string_view view() const { return {letters_.data(), size_}; }
  std::size_t size() const { return size_; }

 private:
  std::array<char, 32> letters_;
  std::size_t size_ = 0;
};

/// `text` in valid UTF-8 (U+FFFD stands for what was not), each of the ASCII letters `forbidden`
/// replaced by an underscore.
std::string clean_text(std::string_view text, std::string_view forbidden);

}  // namespace xtrace
