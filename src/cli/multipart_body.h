#pragma once

/// `multipart_body` is the body of a form in parts, `multipart/form-data` (RFC 7578), whose files
/// are read while they are sent.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <xtrace/body.h>

namespace xtrace::cli {

/// One part: its fields, then what it holds.
struct MultipartPart {
  std::string fields{};                ///< Whole lines, each with its CR LF.
  std::string text{};                  ///< Nothing where there is a `supply`.
  std::optional<BodySupply> supply{};  ///< Sent as it comes.
};

/// `Content-Disposition: form-data; name="..."; filename="..."`, and `Content-Type` where there is
/// one; an empty `filename` tells none. Quotes, CR and LF in names are percent-encoded, as browsers
/// do.
std::string form_fields(std::string_view name, std::string_view filename, std::string_view type);

/// A line that occurs in no body but by a chance of 1 in 2^96.
std::string make_boundary();

/// The parts between lines of `boundary`. With the size of all parts known the body has one, else
/// it is chunked; it is repeatable where all parts are. Every file is open from the beginning to
/// the end of an attempt, because only an open one has a size that counts.
BodySupply multipart_body(std::vector<MultipartPart> parts, std::string boundary);

}  // namespace xtrace::cli
