#pragma once

/// What segments record, for the C interface: a part of xtrace.h, which says what holds for all.
///
/// A value that comes after the segment's document has left is lost, and counted
/// (`xtrace_stats::late_values`). What is not recorded ignores everything here.

#include <xtrace/c_base.h>
#include <xtrace/c_segment.h>

// NOLINTBEGIN(readability-identifier-naming,modernize-use-using): these names and types are C's

#ifdef __cplusplus
extern "C" {
#endif

/// What `http.request` records. The URL loses userinfo and query, unless `keeps_secrets`.
typedef struct xtrace_http_request {
  size_t size;
  const char* method;
  const char* url;
  const char* user_agent;
  const char* client_ip;
  bool is_forwarded;  ///< `client_ip` was taken from X-Forwarded-For.
  bool is_traced;     ///< The callee sends a segment of its own.
  bool keeps_secrets;
} xtrace_http_request;

XTRACE_C_API void xtrace_set_http_request(xtrace_segment* segment,
                                          const xtrace_http_request* request) XTRACE_C_NOEXCEPT;
/// Records; judges nothing. A status of 0 and a length below 0 are unknown.
XTRACE_C_API void xtrace_set_http_response(xtrace_segment* segment, int status,
                                           int64_t content_length) XTRACE_C_NOEXCEPT;
/// Records the response's status and adds the flags it stands for: 4xx `XTRACE_ERROR`, 429 also
/// `XTRACE_THROTTLE`, 5xx `XTRACE_FAULT`.
XTRACE_C_API void xtrace_set_status(xtrace_segment* segment, int status) XTRACE_C_NOEXCEPT;

/// X-Ray's three marks, as bits.
enum xtrace_flags {
  XTRACE_ERROR = 1,     ///< The caller's mistake.
  XTRACE_THROTTLE = 2,  ///< Too many requests.
  XTRACE_FAULT = 4,     ///< The callee's failure.
};

/// Replaces the flags.
XTRACE_C_API void xtrace_set_flags(xtrace_segment* segment, unsigned flags) XTRACE_C_NOEXCEPT;
XTRACE_C_API unsigned xtrace_get_flags(const xtrace_segment* segment) XTRACE_C_NOEXCEPT;

/// What `sql` records of one query. The URL loses its password; `sanitized_query` is recorded as it
/// is, so give it without the values.
typedef struct xtrace_sql {
  size_t size;
  const char* connection_string;  ///< For databases without URLs; no password.
  const char* url;
  const char* sanitized_query;
  const char* database_type;
  const char* database_version;
  const char* driver_version;
  const char* user;
  const char* preparation;  ///< `call` or `statement`.
} xtrace_sql;

XTRACE_C_API void xtrace_set_sql(xtrace_segment* segment,
                                 const xtrace_sql* query) XTRACE_C_NOEXCEPT;

/// What `aws` records of one call of an AWS service, in a subsegment of `XTRACE_AWS`.
typedef struct xtrace_aws_call {
  size_t size;
  const char* operation;  ///< `GetItem`
  const char* region;
  const char* account_id;  ///< Where the resource is another account's.
  const char* request_id;
  const char* queue_url;
  const char* table_name;
  const char* bucket_name;
  const char* key;
  uint32_t retries;
  bool knows_retries;  ///< Whether `retries` is recorded.
} xtrace_aws_call;

XTRACE_C_API void xtrace_set_aws_call(xtrace_segment* segment,
                                      const xtrace_aws_call* call) XTRACE_C_NOEXCEPT;
/// One more member of `aws`: `table_names` and `["a","b"]`.
XTRACE_C_API void xtrace_set_aws_json(xtrace_segment* segment, const char* key,
                                      const char* json) XTRACE_C_NOEXCEPT;

typedef struct xtrace_stack_frame {
  const char* path;
  uint32_t line;      ///< 0: unknown.
  const char* label;  ///< The function.
} xtrace_stack_frame;

/// One exception of `cause`, with the one it wraps. A chain of them ends somewhere.
typedef struct xtrace_exception {
  size_t size;
  const char* type;
  const char* message;
  bool is_remote;  ///< It was reported by the callee.
  /// Innermost first, so many of them; the first 32 are kept and the rest is counted.
  const xtrace_stack_frame* stack;
  size_t stack_length;
  const struct xtrace_exception* cause;
} xtrace_exception;

/// Adds `XTRACE_FAULT` and a `cause` with this exception and those it wraps. Gives the exception's
/// id, for `xtrace_refer_to_exception`.
XTRACE_C_API size_t xtrace_add_exception(xtrace_segment* segment, const xtrace_exception* exception,
                                         char* buffer, size_t size) XTRACE_C_NOEXCEPT;
/// Adds `XTRACE_FAULT`; the cause is the exception of that id, which a subsegment has recorded.
XTRACE_C_API void xtrace_refer_to_exception(xtrace_segment* segment,
                                            const char* exception_id) XTRACE_C_NOEXCEPT;

/// Annotations are searchable. Texts are cut at 1000 characters, NaN and infinities left out; the
/// last value of a key wins.
XTRACE_C_API void xtrace_annotate_text(xtrace_segment* segment, const char* key,
                                       const char* value) XTRACE_C_NOEXCEPT;
XTRACE_C_API void xtrace_annotate_integer(xtrace_segment* segment, const char* key,
                                          int64_t value) XTRACE_C_NOEXCEPT;
XTRACE_C_API void xtrace_annotate_number(xtrace_segment* segment, const char* key,
                                         double value) XTRACE_C_NOEXCEPT;
XTRACE_C_API void xtrace_annotate_boolean(xtrace_segment* segment, const char* key,
                                          bool value) XTRACE_C_NOEXCEPT;

/// Metadata is not searchable, and of any size. Without a `space` it is `default`'s. `json` is one
/// JSON value; what is none is recorded as a text, and counted.
XTRACE_C_API void xtrace_set_metadata_text(xtrace_segment* segment, const char* space,
                                           const char* key, const char* value) XTRACE_C_NOEXCEPT;
XTRACE_C_API void xtrace_set_metadata_integer(xtrace_segment* segment, const char* space,
                                              const char* key, int64_t value) XTRACE_C_NOEXCEPT;
XTRACE_C_API void xtrace_set_metadata_number(xtrace_segment* segment, const char* space,
                                             const char* key, double value) XTRACE_C_NOEXCEPT;
XTRACE_C_API void xtrace_set_metadata_boolean(xtrace_segment* segment, const char* space,
                                              const char* key, bool value) XTRACE_C_NOEXCEPT;
XTRACE_C_API void xtrace_set_metadata_json(xtrace_segment* segment, const char* space,
                                           const char* key, const char* json) XTRACE_C_NOEXCEPT;

/// A segment of another trace that this one has to do with. Ignored unless both are ids.
XTRACE_C_API void xtrace_add_link(xtrace_segment* segment, const char* trace_id,
                                  const char* segment_id) XTRACE_C_NOEXCEPT;

/// Of the handle of a subsegment that was begun, not of references: `enum xtrace_namespace`, and a
/// sibling that had to end before it could begin.
XTRACE_C_API void xtrace_set_namespace(xtrace_segment* subsegment,
                                       int name_space) XTRACE_C_NOEXCEPT;
XTRACE_C_API void xtrace_add_precursor(xtrace_segment* subsegment,
                                       const char* segment_id) XTRACE_C_NOEXCEPT;
/// Of the handle of a segment that was begun, not of references or subsegments.
XTRACE_C_API void xtrace_set_user(xtrace_segment* segment, const char* user) XTRACE_C_NOEXCEPT;
XTRACE_C_API void xtrace_set_origin(xtrace_segment* segment, const char* origin) XTRACE_C_NOEXCEPT;
XTRACE_C_API void xtrace_set_service_version(xtrace_segment* segment,
                                             const char* version) XTRACE_C_NOEXCEPT;

#ifdef __cplusplus
}
#endif

// NOLINTEND(readability-identifier-naming,modernize-use-using)
