#pragma once

/// What X-Ray would reject a document for, mended: names, keys and texts. Each function returns
/// what may be recorded and whether that differs from what was given.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace xtrace {

struct Corrected {
  std::string text;
  bool is_changed = false;
};

/// True for a short name of ASCII that `correct_name` would not change; false means it may.
bool is_plain_name(std::string_view name);

/// Keeps letters, numbers, separators and `_.:/%&#=+\-@`, at most 200 code points; `unknown` where
/// nothing is left.
Corrected correct_name(std::string_view name);

/// Every other character than `[A-Za-z0-9_]` becomes `_`; at most 500 of them. Empty stays empty.
Corrected correct_annotation_key(std::string_view key);

/// Without userinfo, query and fragment. This is a rule, not a correction.
std::string strip_secrets(std::string_view url);

/// The part of `url` that `strip_secrets` would keep, where that is one piece: there is no
/// userinfo.
std::optional<std::string_view> without_secrets(std::string_view url);

}  // namespace xtrace
