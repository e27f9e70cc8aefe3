#pragma once

/// Documents that came as text and are too large for a datagram, made to fit by the rules of
/// document.h: white space goes, finished subsegments leave as documents of their own, the longest
/// texts are cut, and what does not fit even so is refused.

#include <cstddef>
#include <string>
#include <string_view>

#include <xtrace/document_set.h>

namespace xtrace {

/// Appends JSON that was checked, without the white space between its tokens.
void append_compact(std::string& out, std::string_view json);

/// `document` is one that `check_document` found valid. Apart from what is cut every value stays as
/// it is written. `counts.corrected` stays 0.
DocumentSet split_document(std::string_view document, std::size_t limit);

}  // namespace xtrace
