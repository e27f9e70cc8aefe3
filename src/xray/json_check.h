#pragma once

/// `check_document` says whether a segment document is one that X-Ray takes, without building it:
/// one pass over its bytes, JSON and fields at once.
///
/// The text may hold more behind the document, or only its beginning, so that it also finds where a
/// document ends in a stream. On the way it can note where ids, times and what could be mended
/// stand, for `DocumentStamper` (json_stamp.h) to replace.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "xray/json_cursor.h"

namespace xtrace {

/// `service`: refuses what the X-Ray service refuses. `documented`: also everything else that its
/// documentation forbids, such as an annotation's key with a dot, or an end before the start.
enum class CheckRules : std::uint8_t { service, documented };

/// The error codes of the service; `undocumented` is no code, it is what `documented` adds.
enum class ServiceError : std::uint8_t {
  parse_error,
  invalid_segment,
  missing_name,
  invalid_name,
  missing_id,
  invalid_trace_id,
  missing_end_time,
  undocumented,
};

/// `InvalidTraceId`; empty for `undocumented`.
std::string_view to_string(ServiceError code);

/// The first thing that is wrong with a document.
struct CheckFault {
  ServiceError code = ServiceError::parse_error;
  std::string field{};  ///< `subsegments[2].id`; empty for the document as a whole.
  std::string reason{};
  std::size_t offset = 0;  ///< Where in the text.

  /// `field "subsegments[2].id": "00c0ffee00c0ffe": 15 hex digits instead of 16`, and the service's
  /// code in brackets.
  std::string message() const;
};

/// A place of a document that can be written anew.
struct DocumentSite {
  enum class Kind : std::uint8_t {
    members,      ///< Empty, behind the opening bracket of a segment or subsegment.
    segment_id,   ///< Any id of 16 digits: own, parent's, of an exception, of a link.
    trace_id,     ///< Like the following, the whole value with its quotes.
    time,         ///< Epoch seconds.
    name,         ///< One that is wrong.
    in_progress,  ///< One that is not true although there is no end.
    key,          ///< Of an annotation, and wrong.
    non_number,   ///< NaN or an infinity.
  };
  /// What `members` lacks, as bits.
  enum Lack : std::uint8_t { lacks_name = 1, lacks_id = 2, lacks_trace_id = 4, lacks_end = 8 };

  Kind kind = Kind::members;
  TextSpan span{};
  std::uint8_t lacks = 0;
  bool is_wrong = false;  ///< An id that is none.
};

struct CheckOptions {
  CheckRules rules = CheckRules::service;
  /// Cleared and filled, in ascending order, where there is one.
  std::vector<DocumentSite>* sites = nullptr;
  /// What `DocumentStamper` can mend is no fault, but a site: needs `sites`.
  bool mends = false;
};

/// What a document says of itself, and not of its subsegments.
struct DocumentMarks {
  JsonText trace_id{};
  JsonText id{};
  bool is_subsegment = false;
  bool is_in_progress = false;  ///< And has no end.
};

struct CheckVerdict {
  enum class Kind : std::uint8_t {
    valid,
    refused,     ///< It is JSON; `fault` says what is wrong with it.
    broken,      ///< It is no JSON from `fault.offset` on; nobody knows where it ends.
    incomplete,  ///< The text ends first, and was right so far.
  };

  Kind kind = Kind::valid;
  std::size_t length = 0;  ///< Of the document, where it is `valid` or `refused`.
  double start = 0;        ///< Its start_time, where sites were wanted or rules are strict.
  DocumentMarks marks{};   ///< Of a document that is `valid`.
  CheckFault fault{};
};

/// `text` begins with the document's `{`.
CheckVerdict check_document(std::string_view text, const CheckOptions& options = {});

}  // namespace xtrace
