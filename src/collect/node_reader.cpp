#include "collect/node_reader.h"

#include <algorithm>
#include <array>

#include "collect/node_blocks.h"

namespace xtrace::collect {

namespace {

enum class Field : std::uint8_t {
  name,
  id,
  parent_id,
  start_time,
  end_time,
  type,
  name_space,
  http,
  subsegments,
  error,
  throttle,
  fault,
  traced,
  cause,
  origin,
  user,
  resource_arn,
  annotations,
  metadata,
  aws,
  sql,
  service,
  links,
  other,
};

/// In the order of `Field`.
constexpr std::array<std::string_view, 23> kFieldNames = {
    "name",      "id",    "parent_id",   "start_time", "end_time",     "type",
    "namespace", "http",  "subsegments", "error",      "throttle",     "fault",
    "traced",    "cause", "origin",      "user",       "resource_arn", "annotations",
    "metadata",  "aws",   "sql",         "service",    "links"};

Field field_of(std::string_view key) {
  for (std::size_t index = 0; index < kFieldNames.size(); ++index) {
    const std::string_view name = kFieldNames[index];
    if (key.size() == name.size() && key.front() == name.front() && key == name) {
      return static_cast<Field>(index);
    }
  }
  return Field::other;
}

SegmentId read_id(ValueReader& reader) {
  const Expected<SegmentId> id = SegmentId::parse(reader.text());
  return id ? *id : SegmentId{};
}

/// Epoch seconds. What can be none, such as milliseconds, is absent.
void read_time(ValueReader& reader, TraceNode& node, Field field) {
  constexpr double kLatest = 1e11;
  const double seconds = reader.number().value_or(0);
  if (seconds <= 0 || seconds >= kLatest) return;
  if (field == Field::start_time) {
    node.start = seconds;
  } else {
    node.end = seconds;
  }
}

void read_flag(ValueReader& reader, TraceNode& node, Field field) {
  const bool flag = reader.flag();
  if (field == Field::error) node.flags.error = flag;
  if (field == Field::throttle) node.flags.throttle = flag;
  if (field == Field::fault) node.flags.fault = flag;
  if (field == Field::traced) node.http.is_traced = flag || node.http.is_traced;
}

void read_text(ValueReader& reader, TraceNode& node, Field field) {
  const std::string_view text = reader.text();
  if (field == Field::name) node.name = text;
  if (field == Field::name_space) node.space = text;
  if (field == Field::origin) node.origin = text;
  if (field == Field::user) node.user = text;
  if (field == Field::resource_arn) node.resource_arn = text;
}

void read_block(ValueReader& reader, TraceNode& node, Field field) {
  const std::string_view block = reader.block(field == Field::links ? '[' : '{');
  if (field == Field::annotations) node.annotations = block;
  if (field == Field::metadata) node.metadata = block;
  if (field == Field::aws) node.aws = block;
  if (field == Field::sql) node.sql = block;
  if (field == Field::service) node.service = block;
  if (field == Field::links) node.links = block;
}

/// What has an end is over, whatever it says of itself, and not before it began.
void settle_times(TraceNode& node) {
  if (node.end && node.start == 0) node.start = *node.end;
  if (node.end) node.end = std::max(*node.end, node.start);
  node.is_in_progress = !node.end;
}

}  // namespace

void NodeReader::read(std::string_view document) {
  ValueReader reader(document, decoded_);
  if (reader.token() == '{') node(reader, TraceNode::kNone);
  ++documents_;
}

void NodeReader::node(ValueReader& reader, std::uint32_t holder) {
  if (nodes_.size() >= most_) {
    ++left_out_;
    return reader.skip();
  }
  const auto index = static_cast<std::uint32_t>(nodes_.size());
  TraceNode& begun = nodes_.emplace_back();
  begun.parent = holder;
  begun.document = documents_;
  begun.is_segment = holder == TraceNode::kNone;
  reader.object([this, &reader, index](std::string_view key) { member(reader, index, key); });
  settle_times(nodes_[index]);
}

void NodeReader::member(ValueReader& reader, std::uint32_t index, std::string_view key) {
  const Field field = field_of(key);
  if (field == Field::subsegments) return subsegments(reader, index);
  TraceNode& node = nodes_[index];
  switch (field) {
    case Field::id:
      node.id = read_id(reader);
      return;
    case Field::parent_id:
      node.parent_id = read_id(reader);
      return;
    case Field::start_time:
    case Field::end_time:
      return read_time(reader, node, field);
    case Field::type:
      node.is_segment = reader.text() != "subsegment" && node.is_segment;
      return;
    case Field::http:
      return read_http(reader, node.http);
    case Field::cause:
      left_out_ += read_cause(reader, node, room_);
      return;
    case Field::error:
    case Field::throttle:
    case Field::fault:
    case Field::traced:
      return read_flag(reader, node, field);
    case Field::name:
    case Field::name_space:
    case Field::origin:
    case Field::user:
    case Field::resource_arn:
      return read_text(reader, node, field);
    case Field::other:
      return reader.skip();
    default:
      return read_block(reader, node, field);
  }
}

void NodeReader::subsegments(ValueReader& reader, std::uint32_t holder) {
  reader.array([this, &reader, holder] {
    if (reader.token() == '{') {
      node(reader, holder);
    } else {
      reader.skip();
    }
  });
}

}  // namespace xtrace::collect
