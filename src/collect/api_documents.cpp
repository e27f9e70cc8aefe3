#include "collect/api_documents.h"

#include <charconv>
#include <string>
#include <utility>
#include <vector>

#include "base/json_writer.h"
#include "collect/document_facts.h"
#include "collect/trace_export.h"

namespace xtrace::collect {

namespace {

// The service takes five; who asks for a page of summaries wants all of it.
constexpr std::size_t kMostTraces = 100;
constexpr std::size_t kPageBytes = std::size_t{8} << 20U;

void write_unprocessed(JsonWriter& json, std::string_view document, ServiceError error) {
  const SegmentId id = read_document_facts(document).id;
  json.begin_object();
  json.key("Id");
  if (id.is_noop()) {
    json.null();
  } else {
    json.string(id.text());
  }
  json.key("ErrorCode");
  json.string(to_string(error));
  json.key("Message");
  json.string(fault_of(document));
  json.end_object();
}

/// Where a page begins in the list of ids; nothing where the token is none of ours.
std::optional<std::size_t> place_of(const std::optional<std::string>& token, std::size_t count) {
  if (!token) return 0;
  std::size_t place = 0;
  const char* const end = token->data() + token->size();
  const auto read = std::from_chars(token->data(), end, place);
  if (read.ec != std::errc{} || read.ptr != end || place >= count) return std::nullopt;
  return place;
}

/// Traces from `ids[at]` on, until they are enough. Returns where the next page begins.
std::size_t write_page(JsonWriter& json, const std::vector<std::string>& ids, std::size_t at,
                       const TraceStore& store) {
  std::vector<std::string_view> unknown;
  json.key("Traces");
  json.begin_array();
  for (; at < ids.size() && json.size() < kPageBytes; ++at) {
    const Expected<TraceId> id = TraceId::parse(ids[at]);
    const StoredTrace* trace = id ? store.find(*id) : nullptr;
    if (trace != nullptr) {
      write_batch_trace(json, *trace, store.digest(*trace));
    } else {
      unknown.push_back(ids[at]);
    }
  }
  json.end_array();
  json.key("UnprocessedTraceIds");
  json.begin_array();
  for (const std::string_view id : unknown) json.string(id);
  json.end_array();
  return at;
}

}  // namespace

ApiReply put_trace_segments(
    ApiBody& body, const std::function<std::optional<ServiceError>(std::string_view)>& take) {
  body.require("TraceSegmentDocuments");
  const std::vector<std::string> documents = body.texts("TraceSegmentDocuments");
  if (body.complaint()) return invalid_request(*body.complaint());
  ApiReply reply;
  JsonWriter json(reply.body);
  json.begin_object();
  json.key("UnprocessedTraceSegments");
  json.begin_array();
  for (const std::string& document : documents) {
    if (const std::optional<ServiceError> error = take(document)) {
      write_unprocessed(json, document, *error);
    }
  }
  json.end_array();
  json.end_object();
  return reply;
}

ApiReply batch_get_traces(ApiBody& body, const TraceStore& store) {
  body.require("TraceIds");
  const std::vector<std::string> ids = body.texts("TraceIds");
  const std::optional<std::size_t> begin = place_of(body.text("NextToken"), ids.size());
  if (ids.size() > kMostTraces) {
    body.complain("TraceIds has " + std::to_string(ids.size()) +
                  " elements, where 100 are the most that one request may have.");
  }
  if (!begin) body.complain("NextToken is none that the answer before gave.");
  if (body.complaint()) return invalid_request(*body.complaint());
  ApiReply reply;
  JsonWriter json(reply.body);
  json.begin_object();
  const std::size_t end = write_page(json, ids, *begin, store);
  json.key("NextToken");
  if (end < ids.size()) {
    json.string(std::to_string(end));
  } else {
    json.null();
  }
  json.end_object();
  return reply;
}

}  // namespace xtrace::collect
