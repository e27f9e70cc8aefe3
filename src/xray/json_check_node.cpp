#include <array>
#include <charconv>
#include <utility>

#include "xray/json_check_values.h"
#include "xray/json_checker.h"

namespace xtrace {

namespace {

using Kind = DocumentSite::Kind;

/// In the order of `DocumentChecker::Field`.
constexpr std::array<std::string_view, 9> kFieldNames = {
    "name",     "id",          "trace_id", "parent_id",  "start_time",
    "end_time", "in_progress", "type",     "subsegments"};

double to_double(std::string_view number) {
  double value = 0;
  std::from_chars(number.data(), number.data() + number.size(), value);
  return value;
}

}  // namespace

bool DocumentChecker::node(Level level) {
  Node node{.level = level, .begin = value_offset()};
  if (options_.sites != nullptr) {
    node.site = options_.sites->size();
    options_.sites->push_back({.span = {node.begin + 1, node.begin + 1}});
  }
  const bool is_whole = cursor_.object([this, &node](const JsonText& key) {
    // What follows a fault is passed only to find the end.
    return fault_ ? cursor_.skip_value() : member(node, key);
  });
  if (!is_whole) return false;
  if (!fault_) judge(node);
  return true;
}

DocumentChecker::Field DocumentChecker::field_of(const JsonText& key) {
  const std::string decoded = key.has_escapes ? key.decode() : std::string();
  const std::string_view name = key.has_escapes ? decoded : key.raw;
  for (std::size_t index = 0; index < kFieldNames.size(); ++index) {
    const std::string_view field = kFieldNames[index];
    if (name.size() == field.size() && name.front() == field.front() && name == field) {
      return static_cast<Field>(index);
    }
  }
  return Field::other;
}

bool DocumentChecker::has(const Node& node, Field field) {
  return (node.given & (1U << static_cast<unsigned>(field))) != 0;
}

bool DocumentChecker::member(Node& node, const JsonText& key) {
  const Field field = field_of(key);
  if (field == Field::other) {
    return walks_blocks_ ? block_member(Block::node, key) : cursor_.skip_value();
  }
  const unsigned bit = 1U << static_cast<unsigned>(field);
  if (is_strict() && (node.mentioned & bit) != 0) {
    find_fault(ServiceError::undocumented, kFieldNames[static_cast<std::size_t>(field)],
               "it is there twice", value_offset());
    return cursor_.skip_value();
  }
  node.mentioned |= bit;
  if (cursor_.token() != 'n') node.given |= bit;
  switch (field) {
    case Field::name:
      return name(node);
    case Field::id:
    case Field::trace_id:
    case Field::parent_id:
      return id(node, field);
    case Field::start_time:
    case Field::end_time:
      return time(node, field);
    case Field::in_progress:
      return in_progress(node);
    case Field::type:
      return type(node);
    case Field::subsegments:
    case Field::other:
      break;
  }
  return subsegments();
}

bool DocumentChecker::name(Node& node) {
  const std::size_t begin = value_offset();
  if (cursor_.token() != '"') {
    if (!options_.mends) return refuse_kind(ServiceError::invalid_name, "name", "a text");
    node.given |= 1U << static_cast<unsigned>(Field::name);
    if (!cursor_.skip_value()) return false;
    add_site(Kind::name, begin);
    return true;
  }
  const std::optional<JsonText> text = cursor_.string();
  if (!text) return false;
  std::string wrong = judge_name(*text);
  if (wrong.empty()) return true;
  if (options_.mends) {
    add_site(Kind::name, begin);
  } else {
    find_fault(ServiceError::invalid_name, "name", std::move(wrong), begin);
  }
  return true;
}

/// An embedded subsegment's trace and parent are what its producer makes of them: nesting is what
/// counts.
bool DocumentChecker::id(Node& node, Field field) {
  const bool is_trace_id = field == Field::trace_id;
  const bool is_own = field == Field::id;
  const bool counts = is_own || node.level == Level::document;
  const bool is_null = cursor_.token() == 'n';
  const std::size_t begin = value_offset();
  std::string wrong;
  if (cursor_.token() == '"') {
    const std::optional<JsonText> text = cursor_.string();
    if (!text) return false;
    wrong = is_trace_id ? judge_trace_id(*text) : judge_segment_id(*text);
    if (is_trace_id && counts) marks_.trace_id = *text;
    if (is_own && node.level == Level::document) marks_.id = *text;
    if (wrong.empty() && is_strict()) note_id(node, field, text->raw, begin);
  } else {
    wrong = "a text is wanted, not " + std::string(kind_of_value(cursor_.token()));
    if (!cursor_.skip_value()) return false;
  }
  // No parent can be made up, and a subsegment inside needs no trace id.
  if (is_null && !(options_.mends && (is_own || (is_trace_id && counts)))) return true;
  node.given |= 1U << static_cast<unsigned>(field);
  if (!wrong.empty() && !options_.mends && (counts || is_strict())) {
    find_fault(is_trace_id ? ServiceError::invalid_trace_id : ServiceError::invalid_segment,
               kFieldNames[static_cast<std::size_t>(field)], std::move(wrong), begin);
    return true;
  }
  add_site(is_trace_id ? Kind::trace_id : Kind::segment_id, begin, !wrong.empty());
  return true;
}

void DocumentChecker::note_id(const Node& node, Field field, std::string_view text,
                              std::size_t at) {
  if (field == Field::id) ids_.push_back(text);
  if (field != Field::trace_id) return;
  if (node.level == Level::document) {
    trace_id_ = text;
  } else if (inner_trace_id_.empty()) {
    inner_trace_id_ = text;
  } else if (inner_trace_id_ != text) {
    find_fault(ServiceError::undocumented, "trace_id", "its subsegments are of several traces", at);
  }
}

bool DocumentChecker::time(Node& node, Field field) {
  const std::string_view label = kFieldNames[static_cast<std::size_t>(field)];
  const char first = cursor_.token();
  if (first == '"' || first == '{' || first == '[' || first == 't' || first == 'f' ||
      first == 'n') {
    return refuse_kind(ServiceError::invalid_segment, label, "a number");
  }
  const std::size_t begin = value_offset();
  const std::optional<std::string_view> number = cursor_.number();
  if (!number) return false;
  if (number->front() == '-' || number->back() == 'N' || number->back() == 'y') {
    find_fault(ServiceError::invalid_segment, label, std::string(*number) + " is no time", begin);
    return true;
  }
  if (!walks_blocks_) return true;
  (field == Field::start_time ? node.start : node.end) = to_double(*number);
  add_site(Kind::time, begin);
  return true;
}

bool DocumentChecker::in_progress(Node& node) {
  const char first = cursor_.token();
  const std::size_t begin = value_offset();
  if (first == 't' || first == 'f') {
    const std::optional<bool> value = cursor_.boolean();
    if (!value) return false;
    node.is_in_progress = *value;
  } else if (!options_.mends) {
    return refuse_kind(ServiceError::invalid_segment, "in_progress", "true or false");
  } else if (!cursor_.skip_value()) {
    return false;
  }
  node.in_progress_span = {begin, cursor_.offset()};
  return true;
}

bool DocumentChecker::type(Node& node) {
  if (cursor_.token() != '"') {
    return refuse_kind(ServiceError::invalid_segment, "type", "a text");
  }
  const std::size_t begin = value_offset();
  const std::optional<JsonText> text = cursor_.string();
  if (!text) return false;
  node.is_subsegment = text->means("subsegment");
  if (!node.is_subsegment && is_strict()) {
    find_fault(ServiceError::undocumented, "type", "the only type is \"subsegment\"", begin);
  }
  return true;
}

bool DocumentChecker::subsegments() {
  if (cursor_.token() != '[') {
    return refuse_kind(ServiceError::invalid_segment, "subsegments", "an array");
  }
  return cursor_.array([this](std::size_t index) {
    if (fault_) return cursor_.skip_value();
    const auto path = [index] { return "subsegments[" + std::to_string(index) + "]"; };
    if (cursor_.token() != '{') {
      if (cursor_.token() != 'n') {
        return refuse_kind(ServiceError::invalid_segment, path(), "an object");
      }
      find_fault(ServiceError::invalid_segment, path(), "an object is wanted, not null",
                 value_offset());
      return cursor_.skip_value();
    }
    const bool is_whole = node(Level::embedded);
    if (fault_) fault_->field.insert(0, path() + ".");
    return is_whole;
  });
}

}  // namespace xtrace
