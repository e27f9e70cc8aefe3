#pragma once

/// A filter expression as it is evaluated: what filter_parser.h makes and filter_eval.h reads.

#include <cstdint>
#include <string>
#include <vector>

#include <xtrace/trace_id.h>

namespace xtrace::collect {

/// What a keyword asks for.
enum class FilterField : std::uint8_t {
  ok,
  error,
  throttle,
  fault,
  partial,
  inferred,
  root,
  first,
  last,
  remote,
  response_time,
  duration,
  status,
  index,
  url,
  method,
  user_agent,
  client_ip,
  user,
  name,
  type,
  message,
  zone,
  instance_id,
  resource_arn,
  annotation,
};

enum class FilterOperator : std::uint8_t {
  exists,  ///< Set at all; of a boolean: true.
  equal,
  not_equal,
  less,
  less_or_equal,
  greater,
  greater_or_equal,
  contains,
  begins_with,
  ends_with,
};

/// A kind of value, and how keywords are told apart by the values they have.
enum class FilterValue : std::uint8_t { boolean, number, text };

/// Which services are meant; an empty text means any.
struct ServiceSelector {
  std::string name{};
  std::string type{};
  std::string account{};
};

struct FilterNode {
  enum class Kind : std::uint8_t {
    constant,  ///< `truth`.
    all_of,
    any_of,
    none_of,  ///< Has one child.
    compare,
    trace_id,
    // In braces, `children` has what is asked of one element; it is empty where there are none.
    service,
    edge,
    cause_service,
    cause_entity,
    cause_exception,
  };

  Kind kind = Kind::constant;
  FilterField field = FilterField::ok;
  FilterOperator compare = FilterOperator::exists;
  FilterValue value = FilterValue::boolean;
  bool truth = true;
  bool is_fault = false;  ///< The causes asked for are those of faults, not of errors.
  double number = 0;
  std::string text{};
  std::string key{};  ///< Of an annotation.
  TraceId id{};
  ServiceSelector from{};  ///< Of an edge.
  ServiceSelector to{};    ///< Of an edge, and the service itself.
  std::vector<FilterNode> children{};
};

}  // namespace xtrace::collect
