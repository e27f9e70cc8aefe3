#include "collect/api_documents.h"
#include "collect/api_queries.h"
#include "collect/sampling_desk.h"
#include "fuzz/target.h"
#include "xray/json_accept.h"

/// Whatever a body says, the answer is JSON, and either what was asked for or an error's sentence.
/// What it puts into the store is there for the other calls.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace xtrace::collect;
  const std::string_view input = xtrace::testing::as_text(data, size);
  TraceStore store(StoreLimits{.traces = 8, .bytes = 1000000, .strays = 2});
  const auto desk = SamplingDesk::make({}, {});
  const auto check = [input](auto&& call) {
    ApiBody body(input);
    const ApiReply reply = call(body);
    xtrace::testing::require(xtrace::is_json(reply.body));
    xtrace::testing::require((reply.status == 200) == reply.error_type.empty());
    xtrace::testing::require((reply.status == 400) == reply.body.starts_with("{\"message\":\""));
  };
  const auto take = [&store](std::string_view document) {
    return store.add(document, Door::tcp, {});
  };
  check([&take](ApiBody& body) { return put_trace_segments(body, take); });
  for (auto* call : {batch_get_traces, get_trace_summaries, get_service_graph, get_trace_graph}) {
    check([&store, call](ApiBody& body) { return call(body, store); });
  }
  check([&desk](ApiBody& body) { return (*desk)->answer_targets(body); });
  return 0;
}
