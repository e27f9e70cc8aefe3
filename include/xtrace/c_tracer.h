#pragma once

/// The tracer of the C interface: a part of xtrace.h, which says what holds for all.

#include <xtrace/c_base.h>

// NOLINTBEGIN(readability-identifier-naming,modernize-use-using): these names and types are C's

#ifdef __cplusplus
extern "C" {
#endif

/// Decides what is recorded, begins segments, and sends their documents when they end: one for the
/// whole process.
typedef struct xtrace_tracer xtrace_tracer;

/// Where documents go.
enum xtrace_emitter {
  XTRACE_EMIT_TO_DAEMON = 0,    ///< Over UDP, to `daemon_address`.
  XTRACE_EMIT_TO_FILE = 1,      ///< One a line, to the end of `emit_file`; `-` is the output.
  XTRACE_EMIT_TO_CALLBACK = 2,  ///< Each to `on_document`.
  XTRACE_EMIT_NOWHERE = 3,      ///< Counted alone.
};

/// Who decides whether a trace is recorded, where the incoming header does not.
enum xtrace_sampling {
  XTRACE_SAMPLE_BY_DEFAULT = 0,        ///< One request a second, and 5 % of the rest.
  XTRACE_SAMPLE_BY_RATE = 1,           ///< `sampling_rate` of the traces, by chance.
  XTRACE_SAMPLE_BY_MANIFEST = 2,       ///< `sampling_manifest` is the JSON text of one.
  XTRACE_SAMPLE_BY_MANIFEST_FILE = 3,  ///< `sampling_manifest` is the path of one.
};

/// Takes one document, a JSON object, which lives until it returns (`length` bytes and a NUL).
/// It is called inside the function that ended the segment, from whatever thread did, from several
/// at once; it may use segments itself.
typedef void (*xtrace_document_function)(void* user, const char* json, size_t length);
/// Takes one sentence, at most one a second of a kind, likewise.
typedef void (*xtrace_log_function)(void* user, const char* sentence);
typedef void (*xtrace_release_function)(void* user);

/// The settings of a tracer. Where a variable of the environment is named it wins over what stands
/// here, as in every X-Ray SDK.
typedef struct xtrace_tracer_config {
  size_t size;
  /// Of segments that are begun without a name; `service`. `AWS_XRAY_TRACING_NAME`.
  const char* name;
  /// `host:port`, or `udp:host:port tcp:host:port`; 127.0.0.1:2000. `AWS_XRAY_DAEMON_ADDRESS`.
  const char* daemon_address;
  int emitter;            ///< `enum xtrace_emitter`
  const char* emit_file;  ///< A path, of `XTRACE_EMIT_TO_FILE`.
  xtrace_document_function on_document;
  int sampling;          ///< `enum xtrace_sampling`
  double sampling_rate;  ///< From 0 to 1, of `XTRACE_SAMPLE_BY_RATE`.
  const char* sampling_manifest;
  xtrace_log_function log;  ///< `NULL`: to stderr.
  void* user;               ///< Given to `on_document`, `log` and `release`.
  /// Called once when nothing calls `on_document` or `log` any more, which is after the tracer and
  /// the last of its segments went. Not where `xtrace_tracer_create` fails.
  xtrace_release_function release;
  const char* origin;           ///< Of every segment: `AWS::EC2::Instance`.
  const char* service_version;  ///< Of every segment.
  /// Record and send nothing. `AWS_XRAY_SDK_DISABLED`, `AWS_XRAY_SDK_ENABLED`.
  bool is_disabled;
  /// Log nothing where code asks for the current segment and there is none.
  /// `AWS_XRAY_CONTEXT_MISSING`, whose `RUNTIME_ERROR` logs: there are no exceptions in C.
  bool ignores_missing_context;
  bool has_real_unsampled_ids;  ///< Unsampled traces have ids, not zeros. `AWS_XRAY_NOOP_ID`.
  /// How long the end of the tracer goes on sending to a daemon that is there. 0 is one second,
  /// below 0 not at all.
  int64_t close_limit;
  size_t max_document_bytes;  ///< 0: what a datagram carries.
  size_t max_subsegments;     ///< Of one document; 0: 100.
} xtrace_tracer_config;

/// What became of everything, in numbers. Whatever happens, `documents == sent + queued + refused +
/// rejected + dropped_queue_full + dropped_too_large + dropped_error + dropped_at_close`, except
/// with `XTRACE_EMIT_NOWHERE`, which counts `documents` alone.
typedef struct xtrace_stats {
  size_t size;
  uint64_t segments;          ///< Begun, sampled or not.
  uint64_t sampled;           ///< Of these, recorded.
  uint64_t missing_contexts;  ///< How often a current segment was asked for in vain.
  uint64_t late_values;       ///< Recorded after the document had left, and lost.
  uint64_t documents;         ///< Handed to the emitter.
  uint64_t sent;
  uint64_t bytes;     ///< Of what was sent.
  uint64_t queued;    ///< Waiting now.
  uint64_t refused;   ///< Given up because nobody listens at the daemon's address.
  uint64_t rejected;  ///< Arrived and not accepted by X-Ray; no emitter of this interface is told.
  uint64_t dropped_queue_full;  ///< Pushed out of a full queue, oldest first.
  uint64_t dropped_too_large;   ///< Larger than a datagram.
  uint64_t dropped_error;       ///< Lost to any other error: `xtrace_tracer_last_error`.
  uint64_t dropped_at_close;    ///< Still queued when `close_limit` passed.
  uint64_t flushes;             ///< System calls, or calls of `on_document`.
  /// How many datagrams, of anybody, the daemon's socket lost since the first was sent.
  uint64_t receiver_drops;
  uint64_t split;             ///< Subtrees that left as documents of their own.
  uint64_t truncated;         ///< Documents whose longest texts were cut.
  uint64_t unfit;             ///< Documents that do not fit even so, and never reached the emitter.
  uint64_t corrected;         ///< Values mended or left out: names, keys, invalid UTF-8, NaN.
  bool knows_receiver_drops;  ///< Whether the kernel could be asked.
} xtrace_stats;

/// `NULL` takes everything from the environment. Fails with the code of what is wrong: most often
/// `XTRACE_INVALID_CONFIG`, or `XTRACE_EMIT_FAILED` for a file that cannot be opened. That a daemon
/// is there is not asked.
XTRACE_C_API xtrace_tracer* xtrace_tracer_create(const xtrace_tracer_config* config,
                                                 xtrace_error* error) XTRACE_C_NOEXCEPT;
/// Sends what is queued, for `close_limit` at most. Segments that are still open go on, and send
/// what they are when they end; the emitter goes with the last of them.
XTRACE_C_API void xtrace_tracer_destroy(xtrace_tracer* tracer) XTRACE_C_NOEXCEPT;

/// Sends what is queued, as far as that is possible without waiting.
XTRACE_C_API void xtrace_tracer_flush(xtrace_tracer* tracer) XTRACE_C_NOEXCEPT;
/// Waits until nothing is queued any more, at most `limit`. True where nothing is.
XTRACE_C_API bool xtrace_tracer_drain(xtrace_tracer* tracer, int64_t limit) XTRACE_C_NOEXCEPT;
/// Fills `stats->size` bytes of `*stats`, with zeros what this library does not count. False where
/// there is no tracer, or nowhere to write.
XTRACE_C_API bool xtrace_tracer_stats(const xtrace_tracer* tracer,
                                      xtrace_stats* stats) XTRACE_C_NOEXCEPT;
/// The latest error behind `refused` or `dropped_error`. False where there was none.
XTRACE_C_API bool xtrace_tracer_last_error(const xtrace_tracer* tracer,
                                           xtrace_error* error) XTRACE_C_NOEXCEPT;
XTRACE_C_API bool xtrace_tracer_is_disabled(const xtrace_tracer* tracer) XTRACE_C_NOEXCEPT;

/// Sends a segment document that the caller wrote: `length` bytes of JSON, checked first against
/// what X-Ray refuses, as `xtrace emit` does. One that is too large for a datagram is split and cut
/// like a segment's own. Fails with `XTRACE_INVALID_DOCUMENT`, naming field and reason, or with
/// `XTRACE_DOCUMENT_TOO_LARGE`, where the parts of it that do fit are sent. A disabled tracer
/// checks, and sends nothing. False without a tracer, and the error's code is `XTRACE_OK`.
XTRACE_C_API bool xtrace_emit_document(xtrace_tracer* tracer, const char* json, size_t length,
                                       xtrace_error* error) XTRACE_C_NOEXCEPT;

#ifdef __cplusplus
}
#endif

// NOLINTEND(readability-identifier-naming,modernize-use-using)
