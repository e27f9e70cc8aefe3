#pragma once

/// What the services tell each other in JSON, and the media types they call it by.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include <xtrace/expected.h>

namespace xtrace::examples {

inline constexpr std::string_view kArchiveMedia = "application/vnd.goa.archive";
inline constexpr std::string_view kFetchMedia = "application/vnd.goa.fetch";
inline constexpr std::string_view kErrorMedia = "application/vnd.goa.error";

/// An answer of some server, kept: what is posted to the archiver.
struct Document {
  std::int64_t status = 0;
  std::string body{};
};

/// An answer that is not what was asked for: `{id, code, status, detail, meta}`.
struct Refusal {
  int status = 500;
  std::string code = "internal";
  std::string detail{};
  /// What a program may want of it, by name.
  std::map<std::string, std::string> meta{};
};

/// A status that is no negative integer and a body that is a string are both required; what else
/// there is, is passed over. Errors: `request_invalid`.
Expected<Document> parse_document(std::string_view json);
/// As `parse_document` takes it. A body that is no UTF-8 has U+FFFD where it is not.
std::string to_json(const Document& document);

/// `{"href":"/archive/1","status":200,"body":"..."}`
std::string to_json(const Document& document, std::string_view href);
/// The `href` of such an answer. Errors: `invalid_reply`.
Expected<std::string> parse_href(std::string_view json);

/// `{"archive_href":"/archive/1","status":200}`
std::string to_json_of_fetch(std::string_view archive_href, std::int64_t status);

/// `id` is the request's.
std::string to_json(const Refusal& refusal, std::string_view id);
/// The `detail` of such an answer; empty where there is none.
std::string parse_detail(std::string_view json);

/// The same JSON, indented for people; nothing where it is no JSON.
std::string indent_json(std::string_view json);

}  // namespace xtrace::examples
