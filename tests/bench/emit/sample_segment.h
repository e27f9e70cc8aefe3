#pragma once

/// What tools/bench makes and sends: a segment with one http subsegment, about 690 bytes as a
/// datagram.

#include <xtrace/tracer.h>

namespace xtrace::bench {

/// Begins, fills and ends one; its document goes to the tracer's emitter.
void record_sample(Tracer& tracer);

}  // namespace xtrace::bench
