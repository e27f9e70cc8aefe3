#include "collect/filter_eval.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "collect/service_graph.h"
#include "collect/trace_summary.h"

namespace xtrace::collect {

namespace {

/// What keywords are asked of: the trace, or inside braces one element of it.
struct Subject {
  const TraceDigest& trace;
  const ServiceVisit* visit = nullptr;
  const EdgeVisit* edge = nullptr;
  const RootCause* cause = nullptr;
  // Of an element of a root cause's list.
  std::string_view name{};
  std::string_view type{};
  bool is_inferred = false;
  bool is_first = false;
  bool is_last = false;
  std::size_t index = 0;
};

bool is_true(const FilterNode& node, const Subject& subject);

// -- what keywords ask for ---------------------------------------------------------------------

Flags flags_of(const Subject& subject) {
  if (subject.visit != nullptr) return subject.visit->flags;
  if (subject.edge != nullptr) return subject.edge->flags;
  return outcome_of(subject.trace);
}

bool is_ok(const Subject& subject) {
  const Flags flags = flags_of(subject);
  // The trace's throttle may be that of a call whose failure was caught.
  const bool is_one_call = subject.visit != nullptr || subject.edge != nullptr;
  return !flags.error && !flags.fault && !(is_one_call && flags.throttle);
}

bool is_inferred(const Subject& subject) {
  if (subject.visit != nullptr) return subject.visit->is_inferred;
  if (subject.cause != nullptr) return subject.is_inferred;
  return std::ranges::any_of(subject.trace.visits, &ServiceVisit::is_inferred);
}

bool is_partial(const Subject& subject) {
  return subject.visit != nullptr ? subject.visit->is_in_progress : subject.trace.is_in_progress;
}

bool boolean_of(FilterField field, const Subject& subject) {
  switch (field) {
    case FilterField::ok:
      return is_ok(subject);
    case FilterField::error:
      return flags_of(subject).error;
    case FilterField::throttle:
      return flags_of(subject).throttle;
    case FilterField::fault:
      return flags_of(subject).fault;
    case FilterField::partial:
      return is_partial(subject);
    case FilterField::inferred:
      return is_inferred(subject);
    case FilterField::root:
      return subject.visit->is_root;
    case FilterField::first:
      return subject.is_first;
    case FilterField::last:
      return subject.is_last;
    default:
      return subject.cause->is_remote;
  }
}

std::optional<double> duration_of(const Subject& subject) {
  if (subject.visit != nullptr) return subject.visit->duration;
  if (subject.edge != nullptr) return subject.edge->duration;
  return subject.trace.duration;
}

std::optional<double> response_time_of(const Subject& subject) {
  if (subject.visit != nullptr || subject.edge != nullptr) return duration_of(subject);
  const bool has_root = std::ranges::any_of(subject.trace.visits, &ServiceVisit::is_root);
  return has_root ? std::optional(subject.trace.response_time) : std::nullopt;
}

std::optional<double> field_number(FilterField field, const Subject& subject) {
  if (field == FilterField::response_time) return response_time_of(subject);
  if (field == FilterField::duration) return duration_of(subject);
  if (field == FilterField::index) return static_cast<double>(subject.index);
  const int status = subject.visit != nullptr ? subject.visit->status : subject.trace.status;
  return status != 0 ? std::optional(static_cast<double>(status)) : std::nullopt;
}

std::string_view field_text(FilterField field, const Subject& subject) {
  switch (field) {
    case FilterField::url:
      return subject.trace.url;
    case FilterField::method:
      return subject.trace.method;
    case FilterField::user_agent:
      return subject.trace.user_agent;
    case FilterField::client_ip:
      return subject.trace.client_ip;
    case FilterField::name:
      return subject.name;
    case FilterField::type:
      return subject.type;
    default:
      return subject.cause->message;
  }
}

/// Where the trace may have several; null for what it has at most one of.
const std::vector<std::string>* texts_of(FilterField field, const TraceDigest& trace) {
  switch (field) {
    case FilterField::user:
      return &trace.users;
    case FilterField::zone:
      return &trace.zones;
    case FilterField::instance_id:
      return &trace.instance_ids;
    case FilterField::resource_arn:
      return &trace.resource_arns;
    default:
      return nullptr;
  }
}

// -- comparing ---------------------------------------------------------------------------------

bool compares_number(const FilterNode& node, double value) {
  switch (node.compare) {
    case FilterOperator::equal:
      return value == node.number;
    case FilterOperator::not_equal:
      return value != node.number;
    case FilterOperator::less:
      return value < node.number;
    case FilterOperator::less_or_equal:
      return value <= node.number;
    case FilterOperator::greater:
      return value > node.number;
    case FilterOperator::greater_or_equal:
      return value >= node.number;
    default:
      return true;
  }
}

bool compares_text(const FilterNode& node, std::string_view value) {
  switch (node.compare) {
    case FilterOperator::equal:
      return value == node.text;
    case FilterOperator::not_equal:
      return value != node.text;
    case FilterOperator::contains:
      return value.find(node.text) != std::string_view::npos;
    case FilterOperator::begins_with:
      return value.starts_with(node.text);
    case FilterOperator::ends_with:
      return value.ends_with(node.text);
    default:
      return true;
  }
}

bool compares_boolean(const FilterNode& node, bool value) {
  if (node.compare == FilterOperator::exists) return value;
  return (value == node.truth) == (node.compare == FilterOperator::equal);
}

bool compares_annotation(const FilterNode& node, const DigestAnnotation& annotation) {
  if (const bool* truth = std::get_if<bool>(&annotation.value)) {
    // Asked for alone, a boolean one is what it says.
    if (node.compare == FilterOperator::exists) return *truth;
    return node.value == FilterValue::boolean && compares_boolean(node, *truth);
  }
  if (node.compare == FilterOperator::exists) return true;
  if (const double* number = std::get_if<double>(&annotation.value)) {
    return node.value == FilterValue::number && compares_number(node, *number);
  }
  const std::string* text = std::get_if<std::string>(&annotation.value);
  return text != nullptr && node.value == FilterValue::text && compares_text(node, *text);
}

bool has_annotation(const FilterNode& node, const Subject& subject) {
  return std::ranges::any_of(subject.trace.annotations, [&](const DigestAnnotation& annotation) {
    const bool is_meant = subject.visit == nullptr || subject.visit->service == annotation.service;
    return is_meant && annotation.key == node.key && compares_annotation(node, annotation);
  });
}

bool compares(const FilterNode& node, const Subject& subject) {
  if (node.field == FilterField::annotation) return has_annotation(node, subject);
  if (node.value == FilterValue::boolean) {
    return compares_boolean(node, boolean_of(node.field, subject));
  }
  if (node.value == FilterValue::number) {
    const std::optional<double> number = field_number(node.field, subject);
    return number && compares_number(node, *number);
  }
  if (const std::vector<std::string>* texts = texts_of(node.field, subject.trace)) {
    return std::ranges::any_of(*texts,
                               [&](const std::string& text) { return compares_text(node, text); });
  }
  const std::string_view text = field_text(node.field, subject);
  return !text.empty() && compares_text(node, text);
}

// -- what stands before braces -----------------------------------------------------------------

bool is_part(std::string_view wanted, std::string_view value) {
  return wanted.empty() || wanted == value;
}

bool is_meant(const ServiceSelector& wanted, const DigestService& service) {
  return is_part(wanted.name, service.name) && is_part(wanted.type, service.type) &&
         is_part(wanted.account, service.account);
}

/// A client is called what it calls, as in the graph.
bool is_client_meant(const ServiceSelector& wanted, const DigestService& called) {
  return is_part(wanted.name, called.name) && is_part(wanted.type, kClientType) &&
         is_part(wanted.account, called.account);
}

bool braces_hold(const FilterNode& node, const Subject& subject) {
  return node.children.empty() || is_true(node.children.front(), subject);
}

bool has_service(const FilterNode& node, const TraceDigest& trace) {
  return std::ranges::any_of(trace.visits, [&](const ServiceVisit& visit) {
    const DigestService& service = trace.services[visit.service];
    if (!is_meant(node.to, service)) return false;
    return braces_hold(
        node, Subject{.trace = trace, .visit = &visit, .name = service.name, .type = service.type});
  });
}

bool has_edge(const FilterNode& node, const TraceDigest& trace) {
  return std::ranges::any_of(trace.edges, [&](const EdgeVisit& edge) {
    const DigestService& to = trace.services[edge.to];
    const bool is_from = edge.from == EdgeVisit::kClient
                             ? is_client_meant(node.from, to)
                             : is_meant(node.from, trace.services[edge.from]);
    if (!is_from || !is_meant(node.to, to)) return false;
    return braces_hold(node, Subject{.trace = trace, .edge = &edge});
  });
}

bool has_cause_service(const FilterNode& node, const TraceDigest& trace, const RootCause& cause) {
  const std::size_t count = cause.services.size();
  for (std::size_t index = 0; index < count; ++index) {
    const DigestService& service = trace.services[cause.services[index]];
    const Subject subject{.trace = trace,
                          .cause = &cause,
                          .name = service.name,
                          .type = service.type,
                          .is_inferred = trace.is_only_inferred(cause.services[index]),
                          .is_first = index == 0,
                          .is_last = index + 1 == count,
                          .index = index};
    if (braces_hold(node, subject)) return true;
  }
  return false;
}

bool has_cause(const FilterNode& node, const TraceDigest& trace) {
  return std::ranges::any_of(trace.root_causes, [&](const RootCause& cause) {
    if ((cause.kind == RootCause::Kind::fault) != node.is_fault) return false;
    if (node.kind == FilterNode::Kind::cause_service) return has_cause_service(node, trace, cause);
    Subject subject{.trace = trace, .cause = &cause, .name = cause.entity, .is_last = true};
    if (node.kind == FilterNode::Kind::cause_entity) return braces_hold(node, subject);
    if (cause.type.empty() && cause.message.empty()) return false;
    subject.name = cause.type;
    subject.is_first = true;
    return braces_hold(node, subject);
  });
}

bool is_true(const FilterNode& node, const Subject& subject) {
  const auto is_child_true = [&](const FilterNode& child) { return is_true(child, subject); };
  switch (node.kind) {
    case FilterNode::Kind::constant:
      return node.truth;
    case FilterNode::Kind::all_of:
      return std::ranges::all_of(node.children, is_child_true);
    case FilterNode::Kind::any_of:
      return std::ranges::any_of(node.children, is_child_true);
    case FilterNode::Kind::none_of:
      return std::ranges::none_of(node.children, is_child_true);
    case FilterNode::Kind::compare:
      return compares(node, subject);
    case FilterNode::Kind::trace_id:
      return subject.trace.id == node.id;
    case FilterNode::Kind::service:
      return has_service(node, subject.trace);
    case FilterNode::Kind::edge:
      return has_edge(node, subject.trace);
    default:
      return has_cause(node, subject.trace);
  }
}

}  // namespace

bool holds(const FilterNode& node, const TraceDigest& trace) {
  return is_true(node, Subject{.trace = trace});
}

}  // namespace xtrace::collect
