#include "xray/recording.h"

#include <cmath>
#include <string>
#include <type_traits>

#include <xtrace/segment.h>

#include "base/utf8.h"
#include "xray/correct.h"
#include "xray/json_accept.h"
#include "xray/json_cursor.h"
#include "xray/tracer_state.h"

namespace xtrace {

namespace {

constexpr std::size_t kLongestText = 250;
constexpr std::size_t kMaxAnnotationText = 1000;
constexpr std::string_view kReservedSpace = "AWS.";
constexpr std::string_view kOwnBlock = "xray";  // of a segment's `aws`

/// The first `characters` of it; a cut is counted.
std::string_view shortened(SegmentTree& tree, std::string_view text, std::size_t characters) {
  if (text.size() <= characters) return text;
  const std::string_view kept = utf8_first(text, characters);
  tree.corrected += kept.size() == text.size() ? 0U : 1U;
  return kept;
}

void keep_url(SegmentTree& tree, Text& place, const std::string_view url) {
  if (const auto piece = without_secrets(url)) return place.assign(tree.memory, *piece);
  place.assign(tree.memory, strip_secrets(url));
}

HttpRecord& http_of(SegmentTree& tree, SegmentNode& node) {
  if (node.http == nullptr) node.http = &tree.memory.make<HttpRecord>();
  return *node.http;
}

void keep_text_value(SegmentTree& tree, Value& value, std::string_view text) {
  auto* place = std::get_if<Text>(&value);
  if (place == nullptr) place = &value.emplace<Text>();
  place->assign(tree.memory, text);
}

void keep_value(SegmentTree& tree, Value& value, const Scalar& scalar) {
  std::visit(
      [&tree, &value](const auto& given) {
        if constexpr (std::is_same_v<std::remove_cvref_t<decltype(given)>, std::string>) {
          keep_text_value(tree, value, given);
        } else {
          value = given;
        }
      },
      scalar.data());
}

void keep_entry(SegmentTree& tree, List<Entry>& entries, std::string_view key,
                std::string_view text) {
  if (text.empty()) return;
  Entry& entry = entry_of(tree, entries, key);
  entry.is_json = false;
  keep_text_value(tree, entry.value, shortened(tree, text, kLongestText));
}

// The cursor is the quicker judge, and not the last one: it goes only so deep, and does not ask
// whether a number at the very end of a text is too large, for it may go on.
bool is_whole_json(std::string_view text) {
  const bool ends_in_digit = !text.empty() && text.back() >= '0' && text.back() <= '9';
  if (ends_in_digit) return is_json(text);
  JsonCursor cursor(text);
  return (cursor.skip_value() && cursor.offset() == text.size()) || is_json(text);
}

void keep_json(SegmentTree& tree, Entry& entry, std::string_view json) {
  entry.is_json = is_whole_json(json);
  tree.corrected += entry.is_json ? 0U : 1U;
  // Two searches for one byte each are quicker than one for either.
  const bool is_one_line =
      json.find('\n') == std::string_view::npos && json.find('\r') == std::string_view::npos;
  if (is_one_line || !entry.is_json) return keep_text_value(tree, entry.value, json);
  keep_text_value(tree, entry.value, without_line_ends(json));
}

/// Null, and counted, where there is no key.
Entry* annotation_of(SegmentTree& tree, SegmentNode& node, std::string_view key) {
  if (is_annotation_key(key)) return &entry_of(tree, node.annotations, key);
  ++tree.corrected;
  return key.empty() ? nullptr
                     : &entry_of(tree, node.annotations, correct_annotation_key(key).text);
}

Entry& metadata_entry(SegmentTree& tree, SegmentNode& node, std::string_view space,
                      std::string_view key) {
  if (space.starts_with(kReservedSpace)) ++tree.corrected;
  while (space.starts_with(kReservedSpace)) space.remove_prefix(kReservedSpace.size());
  if (space.empty()) space = "default";
  for (MetadataSpace& found : node.metadata) {
    if (found.name.view() == space) return entry_of(tree, found.entries, key);
  }
  MetadataSpace& fresh = node.metadata.append(tree.memory);
  fresh.name.assign(tree.memory, space);
  return entry_of(tree, fresh.entries, key);
}

}  // namespace

void count_late_value(const SegmentTree& tree) {
  if (tree.home) tree.home->late_values.fetch_add(1, std::memory_order_relaxed);
}

void keep_short_text(SegmentTree& tree, Text& place, std::string_view text) {
  place.assign(tree.memory, shortened(tree, text, kLongestText));
}

void keep_response(SegmentTree& tree, SegmentNode& node, const HttpResponseFacts& response) {
  HttpRecord& http = http_of(tree, node);
  http.status = response.status;
  http.content_length = response.content_length;
}

void add_flags(SegmentNode& node, const Flags& more) {
  node.flags.error |= more.error;
  node.flags.throttle |= more.throttle;
  node.flags.fault |= more.fault;
}

Entry& entry_of(SegmentTree& tree, List<Entry>& entries, std::string_view key) {
  for (Entry& entry : entries) {
    if (entry.key.view() == key) return entry;
  }
  Entry& entry = entries.append(tree.memory);
  entry.key.assign(tree.memory, key);
  return entry;
}

void SegmentContext::set_http_request(const HttpRequestFacts& request) const {
  record(tree_, node_, [&request](SegmentTree& tree, SegmentNode& node) {
    HttpRecord& http = http_of(tree, node);
    keep_short_text(tree, http.method, request.method);
    if (request.keep_secrets) {
      http.url.assign(tree.memory, request.url);
    } else {
      keep_url(tree, http.url, request.url);
    }
    keep_short_text(tree, http.user_agent, request.user_agent);
    keep_short_text(tree, http.client_ip, request.client_ip);
    http.is_forwarded = request.is_forwarded;
    http.is_traced = request.is_traced;
  });
}

void SegmentContext::set_http_response(const HttpResponseFacts& response) const {
  record(tree_, node_, [&response](SegmentTree& tree, SegmentNode& node) {
    keep_response(tree, node, response);
  });
}

void SegmentContext::set_status(int status) const {
  record(tree_, node_, [status](SegmentTree& tree, SegmentNode& node) {
    http_of(tree, node).status = status;
    add_flags(node, flags_of_status(status));
  });
}

void SegmentContext::set_flags(const Flags& flags) const {
  record(tree_, node_, [&flags](SegmentTree&, SegmentNode& node) { node.flags = flags; });
}

void SegmentContext::set_sql(const SqlFacts& query) const {
  record(tree_, node_, [&query](SegmentTree& tree, SegmentNode& node) {
    List<Entry>& sql = node.sql;
    keep_entry(tree, sql, "connection_string", query.connection_string);
    if (!query.url.empty()) keep_entry(tree, sql, "url", strip_secrets(query.url));
    if (!query.sanitized_query.empty()) {
      Entry& entry = entry_of(tree, sql, "sanitized_query");
      keep_text_value(tree, entry.value, query.sanitized_query);
    }
    keep_entry(tree, sql, "database_type", query.database_type);
    keep_entry(tree, sql, "database_version", query.database_version);
    keep_entry(tree, sql, "driver_version", query.driver_version);
    keep_entry(tree, sql, "user", query.user);
    keep_entry(tree, sql, "preparation", query.preparation);
  });
}

void SegmentContext::set_aws_call(const AwsCallFacts& call) const {
  record(tree_, node_, [&call](SegmentTree& tree, SegmentNode& node) {
    keep_entry(tree, node.aws, "operation", call.operation);
    keep_entry(tree, node.aws, "region", call.region);
    keep_entry(tree, node.aws, "account_id", call.account_id);
    keep_entry(tree, node.aws, "request_id", call.request_id);
    keep_entry(tree, node.aws, "queue_url", call.queue_url);
    keep_entry(tree, node.aws, "table_name", call.table_name);
    keep_entry(tree, node.aws, "bucket_name", call.bucket_name);
    keep_entry(tree, node.aws, "key", call.key);
    if (call.retries) {
      entry_of(tree, node.aws, "retries").value = std::uint64_t{*call.retries};
    }
  });
}

void SegmentContext::set_aws_json(std::string_view key, std::string_view json) const {
  record(tree_, node_, [key, json](SegmentTree& tree, SegmentNode& node) {
    if (node.parent == nullptr && key == kOwnBlock) {
      ++tree.corrected;
    } else {
      keep_json(tree, entry_of(tree, node.aws, key), json);
    }
  });
}

void SegmentContext::annotate(std::string_view key, const Scalar& value) const {
  if (const auto* text = std::get_if<std::string>(&value.data())) return annotate_text(key, *text);
  record(tree_, node_, [key, &value](SegmentTree& tree, SegmentNode& node) {
    const double* number = std::get_if<double>(&value.data());
    if (number != nullptr && !std::isfinite(*number)) {
      ++tree.corrected;
    } else if (Entry* entry = annotation_of(tree, node, key)) {
      keep_value(tree, entry->value, value);
    }
  });
}

void SegmentContext::annotate_text(std::string_view key, std::string_view text) const {
  record(tree_, node_, [key, text](SegmentTree& tree, SegmentNode& node) {
    if (Entry* entry = annotation_of(tree, node, key)) {
      keep_text_value(tree, entry->value, shortened(tree, text, kMaxAnnotationText));
    }
  });
}

void SegmentContext::set_metadata(std::string_view space, std::string_view key,
                                  const Scalar& value) const {
  record(tree_, node_, [space, key, &value](SegmentTree& tree, SegmentNode& node) {
    Entry& entry = metadata_entry(tree, node, space, key);
    entry.is_json = false;
    keep_value(tree, entry.value, value);
  });
}

void SegmentContext::set_metadata_text(std::string_view space, std::string_view key,
                                       std::string_view text) const {
  record(tree_, node_, [space, key, text](SegmentTree& tree, SegmentNode& node) {
    Entry& entry = metadata_entry(tree, node, space, key);
    entry.is_json = false;
    keep_text_value(tree, entry.value, text);
  });
}

void SegmentContext::set_metadata_json(std::string_view space, std::string_view key,
                                       std::string_view json) const {
  record(tree_, node_, [space, key, json](SegmentTree& tree, SegmentNode& node) {
    keep_json(tree, metadata_entry(tree, node, space, key), json);
  });
}

void SegmentContext::add_link(const SegmentLink& link) const {
  record(tree_, node_, [&link](SegmentTree& tree, SegmentNode& node) {
    node.links.append(tree.memory).link = link;
  });
}

}  // namespace xtrace
