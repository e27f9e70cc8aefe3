#pragma once

/// What segments record, as plain values: the blocks of X-Ray's segment document.
///
/// The texts are views that must live until the call that takes them returns; it copies them.
/// Empty texts are left out of the document.

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include <xtrace/scalar.h>
#include <xtrace/trace_id.h>

namespace xtrace {

/// What `http.request` records.
struct HttpRequestFacts {
  std::string_view method{};
  std::string_view url{};
  std::string_view user_agent{};
  std::string_view client_ip{};
  bool is_forwarded = false;  ///< `client_ip` was taken from X-Forwarded-For.
  bool is_traced = false;     ///< The callee sends a segment of its own.
  /// Record the URL with its userinfo and query, which are stripped otherwise.
  bool keep_secrets = false;
};

struct HttpResponseFacts {
  std::optional<int> status{};
  std::optional<std::uint64_t> content_length{};
};

/// X-Ray's three marks. `error`: the caller's mistake (4xx); `throttle`: too many requests (429,
/// with `error`); `fault`: the callee's failure (5xx, or an exception).
struct Flags {
  bool error = false;
  bool throttle = false;
  bool fault = false;

  friend bool operator==(const Flags&, const Flags&) = default;
};

/// 400-499 `error`, 429 also `throttle`, 500-599 `fault`, anything else nothing.
Flags flags_of_status(int status);

/// True for `[A-Za-z0-9_]{1,500}`; other annotation keys are mended by `annotate`.
bool is_annotation_key(std::string_view key);

/// What `sql` records of one query. The URL loses its password; `sanitized_query` is recorded as it
/// is, so give it without the values.
struct SqlFacts {
  std::string_view connection_string{};  ///< For databases without URLs; no password.
  std::string_view url{};
  std::string_view sanitized_query{};
  std::string_view database_type{};
  std::string_view database_version{};
  std::string_view driver_version{};
  std::string_view user{};
  std::string_view preparation{};  ///< `call` or `statement`.
};

/// What `aws` records of one call of an AWS service. More keys: `SegmentContext::set_aws_json`.
struct AwsCallFacts {
  std::string_view operation{};  ///< `GetItem`
  std::string_view region{};
  std::string_view account_id{};  ///< Where the resource is another account's.
  std::string_view request_id{};
  std::string_view queue_url{};
  std::string_view table_name{};
  std::string_view bucket_name{};
  std::string_view key{};
  std::optional<std::uint32_t> retries{};
};

/// Whether an exception happened here or was reported by the callee.
enum class ExceptionOrigin : std::uint8_t { local, remote };

struct StackFrame {
  std::string_view path{};
  std::uint32_t line = 0;    ///< 0 where unknown.
  std::string_view label{};  ///< The function.
};

/// One exception of `cause`, with the one it wraps.
struct ExceptionFacts {
  std::string_view type{};
  std::string_view message{};
  ExceptionOrigin origin = ExceptionOrigin::local;
  std::span<const StackFrame> stack{};  ///< Innermost first. The first 32 are kept.
  const ExceptionFacts* cause = nullptr;
};

/// `remote`: a call to another service; `aws`: to an AWS service; `local`: work of our own.
enum class Namespace : std::uint8_t { local, remote, aws };

/// A segment of another trace that this one has to do with: the message of a batch it came from.
struct SegmentLink {
  TraceId trace_id{};
  SegmentId id{};
};

}  // namespace xtrace
