#pragma once

/// Versions, errors and ids of the C interface: a part of xtrace.h, which says what holds for all.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// NOLINTBEGIN(readability-identifier-naming,modernize-use-using): these names and types are C's

/// Exported from the library whatever else is hidden.
#if defined(__GNUC__)
#define XTRACE_C_API __attribute__((visibility("default")))
#else
#define XTRACE_C_API
#endif
#ifdef __cplusplus
#define XTRACE_C_NOEXCEPT noexcept
extern "C" {
#else
#define XTRACE_C_NOEXCEPT
#endif

/// Of the header. Before 1.0 the minor number breaks.
#define XTRACE_VERSION_MAJOR 0
#define XTRACE_VERSION_MINOR 1
#define XTRACE_VERSION_PATCH 0
#define XTRACE_VERSION_NUMBER \
  (XTRACE_VERSION_MAJOR * 10000 + XTRACE_VERSION_MINOR * 100 + XTRACE_VERSION_PATCH)

/// Of the library: `0.1.0`, and as `XTRACE_VERSION_NUMBER` writes it.
XTRACE_C_API const char* xtrace_version(void) XTRACE_C_NOEXCEPT;
XTRACE_C_API int xtrace_version_number(void) XTRACE_C_NOEXCEPT;

/// The codes that functions of this interface fail with. They are stable, and the same as in
/// error.h; more may follow.
enum xtrace_code {
  XTRACE_OK = 0,
  XTRACE_INVALID_CONFIG = 103,      ///< A setting, or a variable of the environment.
  XTRACE_EMIT_REFUSED = 900,        ///< Nobody listens at the daemon's address.
  XTRACE_EMIT_FAILED = 901,         ///< A document could not be sent or written.
  XTRACE_DOCUMENT_TOO_LARGE = 902,  ///< A document does not fit a datagram, even cut.
  XTRACE_INVALID_DOCUMENT = 903,    ///< A segment document or an id is malformed.
};

#define XTRACE_ERROR_MESSAGE_SIZE 512

/// What went wrong: one of `xtrace_code` or another code of error.h, and one sentence, cut where it
/// is longer than there is room.
typedef struct xtrace_error {
  int code;
  char message[XTRACE_ERROR_MESSAGE_SIZE];
} xtrace_error;

/// Buffers that hold every text of their kind and its NUL: the extra fields of an incoming header,
/// 256 bytes of them, travel on and are reckoned with.
#define XTRACE_TRACE_ID_SIZE 36
#define XTRACE_SEGMENT_ID_SIZE 17
#define XTRACE_TRACE_HEADER_SIZE 640
#define XTRACE_TRACEPARENT_SIZE 56
#define XTRACE_TRACESTATE_SIZE 513

/// New ids, `1-58406520-a006649127e371903a2de979` (of this second) and `00c0ffee00c0ffee`: for
/// those who write documents by themselves.
XTRACE_C_API size_t xtrace_generate_trace_id(char* buffer, size_t size) XTRACE_C_NOEXCEPT;
XTRACE_C_API size_t xtrace_generate_segment_id(char* buffer, size_t size) XTRACE_C_NOEXCEPT;

/// The id in `text` as it is written: lower case, no spaces around it; of a trace also from W3C's
/// 32 hex digits. Fails with `XTRACE_INVALID_DOCUMENT`, and then returns 0.
XTRACE_C_API size_t xtrace_parse_trace_id(const char* text, char* buffer, size_t size,
                                          xtrace_error* error) XTRACE_C_NOEXCEPT;
XTRACE_C_API size_t xtrace_parse_segment_id(const char* text, char* buffer, size_t size,
                                            xtrace_error* error) XTRACE_C_NOEXCEPT;

#ifdef __cplusplus
}
#endif

// NOLINTEND(readability-identifier-naming,modernize-use-using)
