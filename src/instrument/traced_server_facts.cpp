#include <xtrace/traced_server.h>

#include "base/ascii.h"

namespace xtrace {

namespace {

void append_value(std::string_view& value, std::string& joined, std::string_view more) {
  if (value.data() == nullptr) {
    value = more;
    return;
  }
  if (joined.empty()) joined = value;
  joined += ',';
  joined += more;
  value = joined;
}

void take_first(std::string_view& value, std::string_view given) {
  if (value.data() == nullptr) value = given;
}

}  // namespace

RequestFacts::RequestFacts(const IncomingRequest& request, bool is_encrypted,
                           std::string_view peer_ip) {
  facts_.method = request.method;
  if (is_encrypted) facts_.scheme = "https";
  facts_.host = request.host;
  facts_.path = request.path;
  facts_.peer_ip = peer_ip;
  for (const FieldView& field : request.fields) take(field);
}

void RequestFacts::take(const FieldView& field) {
  switch (field.name.size()) {
    case 10:
      if (same_word(field.name, "user-agent")) take_first(facts_.user_agent, field.value);
      if (same_word(field.name, "tracestate")) {
        append_value(facts_.tracestate, tracestate_, field.value);
      }
      return;
    case 11:
      if (same_word(field.name, "traceparent")) {
        facts_.traceparent = has_traceparent_ ? std::string_view() : field.value;
        has_traceparent_ = true;
      }
      return;
    case 15:
      if (same_word(field.name, "x-amzn-trace-id")) take_first(facts_.trace_header, field.value);
      if (same_word(field.name, "x-forwarded-for")) {
        append_value(facts_.forwarded_for, forwarded_for_, field.value);
      }
      return;
    default:
      return;
  }
}

}  // namespace xtrace
