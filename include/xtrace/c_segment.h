#pragma once

/// Segments, their headers and the current one of the C interface: a part of xtrace.h, which says
/// what holds for all.

#include <xtrace/c_base.h>
#include <xtrace/c_tracer.h>

// NOLINTBEGIN(readability-identifier-naming,modernize-use-using): these names and types are C's

#ifdef __cplusplus
extern "C" {
#endif

/// A segment (the record of one unit of work of a service), a subsegment (one part of it), or a
/// reference to one of them.
typedef struct xtrace_segment xtrace_segment;

/// The request that a segment is the answer to. All may be absent; the headers as they came, where
/// there are several of a name joined by commas.
typedef struct xtrace_segment_options {
  size_t size;
  const char* name;          ///< The tracer's where absent.
  const char* trace_header;  ///< X-Amzn-Trace-Id
  /// W3C's headers, for where `trace_header` names no parent and decides nothing. Leave them out
  /// where only X-Ray's own header shall continue a trace.
  const char* traceparent;
  const char* tracestate;
  // What sampling rules look at.
  const char* method;
  const char* host;          ///< The Host header, port included.
  const char* path;          ///< Without the query.
  const char* service_type;  ///< The tracer's `origin` where absent.
} xtrace_segment_options;

/// Who does the work of a subsegment.
enum xtrace_namespace {
  XTRACE_LOCAL = 0,   ///< We.
  XTRACE_REMOTE = 1,  ///< Another service.
  XTRACE_AWS = 2,     ///< A service of AWS.
};

typedef struct xtrace_subsegment_options {
  size_t size;
  int name_space;  ///< `enum xtrace_namespace`
  /// Goes on when its parent ends, and is then sent by itself when it ends. Others end with their
  /// parent.
  bool may_outlive_parent;
  const char* id;  ///< A fresh one where it is absent, or no id.
  int64_t start;   ///< 0: now.
} xtrace_subsegment_options;

/// Continues the caller's trace, or begins one. Whether it is recorded, the header decides; if it
/// does not, the sampler. Of a trace that is not recorded there is a segment all the same, for its
/// header goes on. `NULL` from a disabled tracer.
XTRACE_C_API xtrace_segment* xtrace_begin_segment(
    xtrace_tracer* tracer, const xtrace_segment_options* options) XTRACE_C_NOEXCEPT;
/// Stands for a segment that somebody else records, a parent process or Lambda: its subsegments
/// are sent each by itself, it is not. Nothing is recorded unless the header has a valid root and
/// parent and says `Sampled=1`.
XTRACE_C_API xtrace_segment* xtrace_begin_facade(xtrace_tracer* tracer,
                                                 const char* trace_header) XTRACE_C_NOEXCEPT;
/// A child. `options` may be `NULL`. One begun after its parent's document left is sent by itself.
XTRACE_C_API xtrace_segment* xtrace_begin_subsegment(xtrace_segment* parent, const char* name,
                                                     const xtrace_subsegment_options* options)
    XTRACE_C_NOEXCEPT;
/// A child of this thread's current segment; where there is none that is counted and logged.
XTRACE_C_API xtrace_segment* xtrace_begin_subsegment_here(xtrace_tracer* tracer, const char* name,
                                                          const xtrace_subsegment_options* options)
    XTRACE_C_NOEXCEPT;

/// Another handle to the same segment, for callbacks and other threads that may be done later than
/// its owner: it keeps the record alive, not open, and `xtrace_end` only lets go of it.
XTRACE_C_API xtrace_segment* xtrace_refer(xtrace_segment* segment) XTRACE_C_NOEXCEPT;

/// Sends the segment as it is, marked `in_progress`, so that long work is seen before it ends. Only
/// the first call does, and only of a handle that was begun.
XTRACE_C_API void xtrace_announce(xtrace_segment* segment) XTRACE_C_NOEXCEPT;
/// Ends what was begun, now or at the given time (not before its start), and frees the handle. Open
/// children end with it, with its flags and cause; their handles are still to be ended. A segment's
/// document goes to the emitter.
XTRACE_C_API void xtrace_end(xtrace_segment* segment) XTRACE_C_NOEXCEPT;
XTRACE_C_API void xtrace_end_at(xtrace_segment* segment, int64_t time) XTRACE_C_NOEXCEPT;

/// False for what is not sampled as well.
XTRACE_C_API bool xtrace_is_recorded(const xtrace_segment* segment) XTRACE_C_NOEXCEPT;
/// True for what is not sampled as well.
XTRACE_C_API bool xtrace_is_ended(const xtrace_segment* segment) XTRACE_C_NOEXCEPT;
/// Why the trace is recorded, or is not: a line for people.
XTRACE_C_API size_t xtrace_explain_decision(const xtrace_segment* segment, char* buffer,
                                            size_t size) XTRACE_C_NOEXCEPT;
/// The ids; of what is not recorded all zeros, unless the caller or `has_real_unsampled_ids` gave
/// some.
XTRACE_C_API size_t xtrace_trace_id(const xtrace_segment* segment, char* buffer,
                                    size_t size) XTRACE_C_NOEXCEPT;
XTRACE_C_API size_t xtrace_segment_id(const xtrace_segment* segment, char* buffer,
                                      size_t size) XTRACE_C_NOEXCEPT;

/// What a call made as part of this segment sends on: the value of X-Amzn-Trace-Id
/// (`Root=...;Parent=...;Sampled=1`), or those of W3C's headers, which are empty where there is no
/// id.
XTRACE_C_API size_t xtrace_trace_header(const xtrace_segment* segment, char* buffer,
                                        size_t size) XTRACE_C_NOEXCEPT;
XTRACE_C_API size_t xtrace_traceparent(const xtrace_segment* segment, char* buffer,
                                       size_t size) XTRACE_C_NOEXCEPT;
XTRACE_C_API size_t xtrace_tracestate(const xtrace_segment* segment, char* buffer,
                                      size_t size) XTRACE_C_NOEXCEPT;
/// The value of the answer's X-Amzn-Trace-Id, `Root=...;Sampled=0|1`: empty, and then none is to be
/// sent, unless the request said `Sampled=?`. Of the handle that `xtrace_begin_segment` returned,
/// and of references to it.
XTRACE_C_API size_t xtrace_answer_header(const xtrace_segment* segment, char* buffer,
                                         size_t size) XTRACE_C_NOEXCEPT;

/// Makes a segment the current one of this thread until it is popped, for code that cannot be
/// handed one. Pushes nest; each is popped on its thread, also one of `NULL`, under which nothing
/// is current. They nest with C++'s `ContextScope` too. The segment may end meanwhile.
XTRACE_C_API void xtrace_push_current(xtrace_segment* segment) XTRACE_C_NOEXCEPT;
/// Nothing where this thread has pushed nothing.
XTRACE_C_API void xtrace_pop_current(void) XTRACE_C_NOEXCEPT;
/// The innermost, or `NULL`: a reference that is lent until this thread pushes or pops.
/// `xtrace_end` leaves it alone.
XTRACE_C_API xtrace_segment* xtrace_current(void) XTRACE_C_NOEXCEPT;

#ifdef __cplusplus
}
#endif

// NOLINTEND(readability-identifier-naming,modernize-use-using)
