#pragma once

/// `JsonText` is a string of a JSON text where it lies, escapes and all.

#include <string>
#include <string_view>

namespace xtrace {

/// A JSON string without its quotes, as it is written. It has been checked: every escape is whole
/// and every pair of surrogates complete.
struct JsonText {
  std::string_view raw;
  bool has_escapes = false;

  /// Whether it means `text`, however it is escaped.
  bool means(std::string_view text) const;
  std::string decode() const;
  void decode_into(std::string& out) const;
};

/// The UTF-16 code unit that four hex digits stand for.
unsigned read_code_unit(const char* digits);

constexpr bool is_high_surrogate(unsigned unit) {
  return unit >= 0xD800 && unit <= 0xDBFF;
}

constexpr bool is_low_surrogate(unsigned unit) {
  return unit >= 0xDC00 && unit <= 0xDFFF;
}

}  // namespace xtrace
