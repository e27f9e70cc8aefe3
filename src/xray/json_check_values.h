#pragma once

/// Single values of a document, judged. Each function returns what is wrong, for a message, or
/// nothing.

#include <cstddef>
#include <string>
#include <string_view>

#include "xray/json_text.h"

namespace xtrace {

/// 16 hex digits.
std::string judge_segment_id(const JsonText& id);
/// `1-`, 8 hex digits, `-`, 24 hex digits.
std::string judge_trace_id(const JsonText& id);
std::string judge_name(const JsonText& name);
/// Of an annotation.
std::string judge_key(const JsonText& key);
/// At most `most` code points.
std::string judge_length(const JsonText& text, std::size_t most);

/// What a value is by its first character: `a number`.
std::string_view kind_of_value(char first);

}  // namespace xtrace
