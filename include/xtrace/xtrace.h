#pragma once

/// xtrace's X-Ray segments for C (C99 and later), and for whatever calls C: `libxtrace-xray`.
///
///     xtrace_error error;
///     xtrace_tracer* tracer = xtrace_tracer_create(NULL, &error);
///     if (tracer == NULL) return fail(error.message);
///     xtrace_segment_options options = {.size = sizeof options, .name = "orders"};
///     options.trace_header = incoming;    // the request's X-Amzn-Trace-Id, or NULL
///     xtrace_segment* segment = xtrace_begin_segment(tracer, &options);
///     xtrace_segment* call = xtrace_begin_subsegment(segment, "payment.example.com", NULL);
///     char header[XTRACE_TRACE_HEADER_SIZE];
///     xtrace_trace_header(call, header, sizeof header);    // goes out as X-Amzn-Trace-Id
///     xtrace_set_status(call, 201);
///     xtrace_end(call);
///     xtrace_end(segment);     // its document is on the way to the daemon
///     xtrace_tracer_destroy(tracer);
///
/// What holds for every function, unless it says otherwise:
///
/// - **Handles.** `NULL` is a handle that ignores what it is told; what is begun below it, or asked
///   of it, is `NULL`, `false`, 0 or an empty text. A program needs no check of its own for "no
///   tracer" or "not traced".
/// - **Ownership.** Whoever creates or begins something ends it: `xtrace_tracer_destroy` a tracer,
///   `xtrace_end` a segment, a subsegment, a reference. The handle is gone then. `xtrace_current`
///   alone lends one.
/// - **Texts in** end with NUL and are UTF-8; they are copied before the function returns. `NULL`
///   is the empty text, and means that there is none.
/// - **Texts out** go into the caller's buffer and end with NUL. As with `snprintf` the result is
///   the text's length without the NUL, whatever fits; but what does not fit whole is not written
///   at all, and the buffer then holds the empty text: half a header helps nobody. `NULL` and 0 ask
///   for the length alone.
/// - **Structs** that may grow begin with `size`, for the caller to set to `sizeof` of what it was
///   compiled with; 0 stands for the first version of the struct. Other fields that are 0 or `NULL`
///   mean what they say, or the default. What a newer header adds, an older library does not know:
///   `xtrace_tracer_create` refuses it, other functions do without.
/// - **Times and durations** are nanoseconds; times count from the Unix epoch.
/// - **Errors.** What may fail returns `NULL` or `false` and fills an `xtrace_error`, which may be
///   `NULL`. Recording never fails: what X-Ray would not take is mended and counted.
/// - **Threads.** Every function may be called from any thread, also with the same handle at the
///   same time. A handle that is being ended, and a tracer that is being destroyed, is used by
///   nobody else any more. The current segment is each thread's own.
/// - **After `fork`** parent and child go on by themselves, each with what the tracer's emitter
///   sends from then on and with fresh ids. A segment that was open belongs to the parent: in the
///   child it still gives its header, and records and sends nothing; it is ended there as well, to
///   free it.
/// - **Exceptions.** None leaves this library. A callback must not let one out, nor jump out. Where
///   there is no memory left the process ends.
///
/// The parts: c_base.h (versions, errors, ids), c_tracer.h, c_segment.h (segments, headers, the
/// current one), c_facts.h (what is recorded). docs/adapters.md shows it from Python.

#include <xtrace/c_base.h>
#include <xtrace/c_facts.h>
#include <xtrace/c_segment.h>
#include <xtrace/c_tracer.h>
