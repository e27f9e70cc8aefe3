#include <xtrace/traced_exchange.h>

#include "instrument/call_recorder.h"

namespace xtrace {

std::string remote_name(const Url& url) {
  return url.authority();
}

void record_call(const SegmentContext& parent, const Request& request, const Exchange& exchange,
                 const RecordOptions& options) {
  if (!parent) return;
  std::string scratch;
  CallRecorder(request.method, request.url, exchange, options, scratch).record_below(parent);
}

void record_exchange(Subsegment& remote, const Request& request, const Exchange& exchange,
                     const RecordOptions& options) {
  if (!remote) return;
  std::string scratch;
  CallRecorder(request.method, request.url, exchange, options, scratch).record_into(remote);
}

}  // namespace xtrace
