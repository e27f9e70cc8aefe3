#include "cli/span_token.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <type_traits>
#include <utility>
#include <variant>

#include <nlohmann/json.hpp>

#include <xtrace/segment.h>

#include "cli/base64url.h"

namespace xtrace::cli {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kForm = "span1";
constexpr std::size_t kParts = 7;

Error refused(std::string_view reason) {
  return {Error::Code::invalid_config, Phase::none,
          "the span token is not one of xtrace span begin: " + std::string(reason)};
}

std::int64_t microseconds_of(WallTime time) {
  return std::chrono::duration_cast<std::chrono::microseconds>(time.time_since_epoch()).count();
}

Json to_json(const Scalar& value) {
  return std::visit([](const auto& held) { return Json(held); }, value.data());
}

Json write_rest(const SpanRecord& record) {
  Json rest = {{"name", record.name}};
  for (const Annotation& annotation : record.annotations) {
    rest["annotations"][annotation.key] = to_json(annotation.value);
  }
  for (const MetadataEntry& entry : record.metadata) {
    rest["metadata"][entry.key] = Json::parse(entry.json, nullptr, false);
  }
  for (const TraceField& field : record.context.passed_on.extra) {
    rest["extra"].push_back({field.key, field.value});
  }
  if (!record.context.passed_on.tracestate.empty()) {
    rest["tracestate"] = record.context.passed_on.tracestate;
  }
  return rest;
}

std::vector<std::string_view> split(std::string_view token) {
  std::vector<std::string_view> parts;
  for (auto dot = token.find('.'); dot != std::string_view::npos && parts.size() + 1 < kParts;
       dot = token.find('.')) {
    parts.push_back(token.substr(0, dot));
    token.remove_prefix(dot + 1);
  }
  parts.push_back(token);
  return parts;
}

Expected<SpanContext> read_context(const std::vector<std::string_view>& parts) {
  SpanContext context;
  // The forms with spaces and capitals that ids are read in elsewhere are not ours.
  const auto trace = TraceId::parse(parts[1]);
  if (!trace || trace->text() != parts[1]) return refused("its trace id is none");
  context.trace_id = *trace;
  const auto id = SegmentId::parse(parts[2]);
  if (!id || id->text() != parts[2] || id->is_noop()) return refused("its span id is none");
  context.id = *id;
  if (parts[3] != "-") {
    const auto parent = SegmentId::parse(parts[3]);
    if (!parent || parent->text() != parts[3] || parent->is_noop()) {
      return refused("its parent's id is none");
    }
    context.parent_id = *parent;
  }
  if (parts[4] != "0" && parts[4] != "1") return refused("it does not say whether it is sampled");
  context.is_sampled = parts[4] == "1";
  return context;
}

Expected<WallTime> read_start(std::string_view text) {
  // The year 2200 in microseconds: what the clock counts in nanoseconds does not reach much
  // farther.
  constexpr std::int64_t kLatest = 7'258'118'400'000'000;
  std::int64_t count = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), count);
  const bool is_whole = failure == std::errc{} && end == text.data() + text.size();
  if (!is_whole || count <= 0 || count > kLatest) return refused("its start is no time");
  return WallTime(std::chrono::microseconds(count));
}

std::optional<Scalar> read_scalar(const Json& value) {
  if (value.is_boolean()) return Scalar(value.get<bool>());
  if (value.is_number_unsigned()) return Scalar(value.get<std::uint64_t>());
  if (value.is_number_integer()) return Scalar(value.get<std::int64_t>());
  if (value.is_number_float()) return Scalar(value.get<double>());
  if (value.is_string()) return Scalar(value.get_ref<const std::string&>());
  return std::nullopt;
}

bool read_annotations(SpanRecord& record, const Json& members) {
  if (!members.is_object()) return false;
  for (const auto& [key, value] : members.items()) {
    auto scalar = read_scalar(value);
    if (!scalar || !is_annotation_key(key)) return false;
    record.annotations.push_back({key, std::move(*scalar)});
  }
  return true;
}

bool read_extra(SpanRecord& record, const Json& fields) {
  if (!fields.is_array()) return false;
  return std::ranges::all_of(fields, [&record](const Json& field) {
    const bool is_pair =
        field.is_array() && field.size() == 2 && field[0].is_string() && field[1].is_string();
    if (is_pair) record.context.passed_on.extra.push_back({field[0], field[1]});
    return is_pair;
  });
}

bool read_member(SpanRecord& record, const std::string& key, const Json& value) {
  if (key == "annotations") return read_annotations(record, value);
  if (key == "extra") return read_extra(record, value);
  if (key == "metadata" && value.is_object()) {
    for (const auto& [name, entry] : value.items()) {
      record.metadata.push_back({name, entry.dump()});
    }
    return true;
  }
  if (!value.is_string()) return false;
  if (key == "name") {
    record.name = value;
  } else if (key == "tracestate") {
    record.context.passed_on.tracestate = value;
  } else {
    return false;
  }
  return true;
}

bool read_rest(SpanRecord& record, std::string_view text) {
  const auto bytes = from_base64url(text);
  // The JSON reader takes a NUL for the end.
  if (!bytes || bytes->find('\0') != std::string::npos) return false;
  // Metadata are at most 64 levels deep, two levels down. What goes deeper is nobody's token, and
  // would take the stack of whatever walks it.
  constexpr int kDeepest = 66;
  bool is_too_deep = false;
  const auto watch_depth = [&is_too_deep](int depth, Json::parse_event_t, const Json&) {
    is_too_deep = is_too_deep || depth > kDeepest;
    return !is_too_deep;
  };
  const Json rest = Json::parse(*bytes, watch_depth, false);
  if (is_too_deep || !rest.is_object()) return false;
  for (const auto& [key, value] : rest.items()) {
    if (!read_member(record, key, value)) return false;
  }
  return !record.name.empty();
}

}  // namespace

Expected<std::string> to_token(const SpanRecord& record) {
  const SpanContext& context = record.context;
  std::string token{kForm};
  const auto add = [&token](std::string_view part) { token.append(".").append(part); };
  add(context.trace_id.text());
  add(context.id.text());
  add(context.parent_id ? context.parent_id->text() : "-");
  add(context.is_sampled ? "1" : "0");
  add(std::to_string(microseconds_of(record.start)));
  add(to_base64url(write_rest(record).dump(-1, ' ', false, Json::error_handler_t::replace)));
  if (token.size() > kMaxTokenBytes) {
    return Error{Error::Code::invalid_config, Phase::none,
                 "the notes of the span " + record.name +
                     " are too long for a token, which holds 96 KiB in all"};
  }
  return token;
}

Expected<SpanRecord> parse_token(std::string_view token) {
  if (token.empty()) return refused("it is empty");
  if (token.size() > kMaxTokenBytes) return refused("it is longer than 96 KiB");
  const auto parts = split(token);
  if (parts.front() != kForm) return refused("it does not begin with \"span1.\"");
  if (parts.size() != kParts) return refused("it is cut short");
  auto context = read_context(parts);
  if (const auto* error = context.if_error()) return *error;
  auto start = read_start(parts[5]);
  if (const auto* error = start.if_error()) return *error;

  SpanRecord record;
  record.context = std::move(context).value();
  record.start = *start;
  if (!read_rest(record, parts[6])) return refused("its last part is damaged or cut short");
  return record;
}

}  // namespace xtrace::cli
