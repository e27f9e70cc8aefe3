#include "collect/trace_summary.h"

#include <algorithm>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace xtrace::collect {

namespace {

void write_text(JsonWriter& json, std::string_view key, std::string_view text) {
  if (text.empty()) return;
  json.key(key);
  json.string(text);
}

/// `[{"<key>":"a"},{"<key>":"b"}]`
void write_list(JsonWriter& json, std::string_view key, const std::vector<std::string>& texts) {
  json.begin_array();
  for (const std::string& text : texts) {
    json.begin_object();
    json.key(key);
    json.string(text);
    json.end_object();
  }
  json.end_array();
}

void write_http(JsonWriter& json, const TraceDigest& trace) {
  json.begin_object();
  write_text(json, "HttpURL", trace.url);
  if (trace.status != 0) {
    json.key("HttpStatus");
    json.integer(trace.status);
  }
  write_text(json, "HttpMethod", trace.method);
  write_text(json, "UserAgent", trace.user_agent);
  write_text(json, "ClientIp", trace.client_ip);
  json.end_object();
}

// -- annotations -------------------------------------------------------------------------------

void write_value(JsonWriter& json, const DigestAnnotation& annotation) {
  json.begin_object();
  if (const double* number = std::get_if<double>(&annotation.value)) {
    json.key("NumberValue");
    json.number(*number);
  } else if (const bool* truth = std::get_if<bool>(&annotation.value)) {
    json.key("BooleanValue");
    json.boolean(*truth);
  } else if (const std::string* text = std::get_if<std::string>(&annotation.value)) {
    json.key("StringValue");
    json.string(*text);
  }
  json.end_object();
}

/// NaN, which Python writes, has its place in the order too.
std::strong_ordering order_of(const DigestAnnotation& a, const DigestAnnotation& b) {
  if (const auto order = a.key <=> b.key; std::is_neq(order)) return order;
  if (const auto order = a.value.index() <=> b.value.index(); std::is_neq(order)) return order;
  if (const double* number = std::get_if<double>(&a.value)) {
    return std::strong_order(*number, std::get<double>(b.value));
  }
  if (const bool* truth = std::get_if<bool>(&a.value)) return *truth <=> std::get<bool>(b.value);
  return std::get<std::string>(a.value) <=> std::get<std::string>(b.value);
}

using AnnotationList = std::vector<const DigestAnnotation*>;

AnnotationList in_order(const TraceDigest& trace) {
  AnnotationList list;
  list.reserve(trace.annotations.size());
  for (const DigestAnnotation& annotation : trace.annotations) list.push_back(&annotation);
  std::ranges::sort(list, [](const DigestAnnotation* a, const DigestAnnotation* b) {
    const std::strong_ordering order = order_of(*a, *b);
    return std::is_neq(order) ? std::is_lt(order) : a->service < b->service;
  });
  return list;
}

/// One value of a key with every service that has it: from `at` on. Returns where the next begins.
std::size_t write_valued(JsonWriter& json, const TraceDigest& trace, const AnnotationList& list,
                         std::size_t at) {
  const DigestAnnotation& first = *list[at];
  json.begin_object();
  json.key("AnnotationValue");
  write_value(json, first);
  json.key("ServiceIds");
  json.begin_array();
  std::optional<std::uint32_t> written;
  for (; at < list.size() && std::is_eq(order_of(*list[at], first)); ++at) {
    if (written == list[at]->service) continue;
    written = list[at]->service;
    json.begin_object();
    write_service_id(json, trace.services[*written]);
    json.end_object();
  }
  json.end_array();
  json.end_object();
  return at;
}

void write_annotations(JsonWriter& json, const TraceDigest& trace) {
  const AnnotationList list = in_order(trace);
  json.begin_object();
  for (std::size_t at = 0; at < list.size();) {
    const std::string& key = list[at]->key;
    json.key(key);
    json.begin_array();
    while (at < list.size() && list[at]->key == key) at = write_valued(json, trace, list, at);
    json.end_array();
  }
  json.end_object();
}

// -- root causes -------------------------------------------------------------------------------

void write_exceptions(JsonWriter& json, const RootCause& cause) {
  json.begin_array();
  if (!cause.type.empty() || !cause.message.empty()) {
    json.begin_object();
    write_text(json, "Name", cause.type);
    write_text(json, "Message", cause.message);
    json.end_object();
  }
  json.end_array();
}

/// The service itself, and where the failure began in it also that.
void write_entity_path(JsonWriter& json, const std::string& service, const RootCause* cause) {
  json.begin_array();
  if (cause == nullptr || cause->entity != service) {
    json.begin_object();
    json.key("Name");
    json.string(service);
    json.key("Exceptions");
    json.begin_array();
    json.end_array();
    json.key("Remote");
    json.boolean(false);
    json.end_object();
  }
  if (cause != nullptr) {
    json.begin_object();
    json.key("Name");
    json.string(cause->entity);
    json.key("Exceptions");
    write_exceptions(json, *cause);
    json.key("Remote");
    json.boolean(cause->is_remote);
    json.end_object();
  }
  json.end_array();
}

void write_cause(JsonWriter& json, const TraceDigest& trace, const RootCause& cause,
                 bool is_client_impacting) {
  json.begin_object();
  json.key("Services");
  json.begin_array();
  for (std::size_t at = 0; at < cause.services.size(); ++at) {
    const DigestService& service = trace.services[cause.services[at]];
    json.begin_object();
    write_service_id(json, service);
    json.key("EntityPath");
    write_entity_path(json, service.name, at + 1 == cause.services.size() ? &cause : nullptr);
    json.key("Inferred");
    json.boolean(trace.is_only_inferred(cause.services[at]));
    json.end_object();
  }
  json.end_array();
  json.key("ClientImpacting");
  json.boolean(is_client_impacting);
  json.end_object();
}

/// The service knows no root causes of throttling: it counts among the errors.
void write_root_causes(JsonWriter& json, const TraceDigest& trace) {
  const Flags outcome = outcome_of(trace);
  for (const bool is_fault : {true, false}) {
    json.key(std::string_view(is_fault ? "FaultRootCauses" : "ErrorRootCauses"));
    json.begin_array();
    for (const RootCause& cause : trace.root_causes) {
      if ((cause.kind == RootCause::Kind::fault) != is_fault) continue;
      write_cause(json, trace, cause, is_fault ? outcome.fault : outcome.error);
    }
    json.end_array();
  }
  json.key("ResponseTimeRootCauses");
  json.begin_array();
  json.end_array();
}

// -- services ----------------------------------------------------------------------------------

void write_service_ids(JsonWriter& json, const TraceDigest& trace) {
  json.begin_array();
  for (const DigestService& service : trace.services) {
    json.begin_object();
    write_service_id(json, service);
    json.end_object();
  }
  json.end_array();
}

void write_numbers(JsonWriter& json, const TraceDigest& trace) {
  const Flags outcome = outcome_of(trace);
  json.key("Id");
  json.string(trace.id.text());
  json.key("StartTime");
  json.seconds(trace.start);
  json.key("Duration");
  json.seconds(trace.duration);
  json.key("ResponseTime");
  json.seconds(trace.response_time);
  json.key("HasFault");
  json.boolean(outcome.fault);
  json.key("HasError");
  json.boolean(outcome.error);
  json.key("HasThrottle");
  json.boolean(outcome.throttle);
  json.key("IsPartial");
  json.boolean(trace.is_in_progress);
}

void write_lists(JsonWriter& json, const TraceDigest& trace) {
  json.key("Annotations");
  write_annotations(json, trace);
  json.key("Users");
  write_list(json, "UserName", trace.users);
  json.key("ServiceIds");
  write_service_ids(json, trace);
  json.key("ResourceARNs");
  write_list(json, "ARN", trace.resource_arns);
  json.key("InstanceIds");
  write_list(json, "Id", trace.instance_ids);
  json.key("AvailabilityZones");
  write_list(json, "Name", trace.zones);
}

}  // namespace

void write_trace_summary(JsonWriter& json, const TraceDigest& trace, const StoredTrace& stored,
                         std::optional<double> matched) {
  json.begin_object();
  write_numbers(json, trace);
  json.key("Http");
  write_http(json, trace);
  write_lists(json, trace);
  if (trace.entry < trace.services.size()) {
    json.key("EntryPoint");
    json.begin_object();
    write_service_id(json, trace.services[trace.entry]);
    json.end_object();
  }
  write_root_causes(json, trace);
  json.key("Revision");
  json.unsigned_integer(stored.revision());
  if (matched) {
    json.key("MatchedEventTime");
    json.seconds(*matched);
  }
  json.end_object();
}

Flags outcome_of(const TraceDigest& trace) {
  Flags outcome = trace.flags;
  if (std::ranges::none_of(trace.visits, &ServiceVisit::is_root)) return outcome;
  outcome.error = outcome.fault = false;
  for (const ServiceVisit& visit : trace.visits) {
    if (!visit.is_root) continue;
    outcome.error = outcome.error || visit.flags.error || visit.flags.throttle;
    outcome.fault = outcome.fault || visit.flags.fault;
  }
  return outcome;
}

void write_service_id(JsonWriter& json, const DigestService& service) {
  json.key("Name");
  json.string(service.name);
  json.key("Names");
  json.begin_array();
  json.string(service.name);
  json.end_array();
  write_text(json, "AccountId", service.account);
  write_text(json, "Type", service.type);
}

}  // namespace xtrace::collect
