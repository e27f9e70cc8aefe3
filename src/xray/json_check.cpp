#include "xray/json_check.h"

#include <algorithm>
#include <array>
#include <utility>

#include "xray/json_check_values.h"
#include "xray/json_checker.h"

namespace xtrace {

namespace {

using Kind = DocumentSite::Kind;
using Lack = DocumentSite::Lack;

constexpr double kLatestSecond = 1e11;

}  // namespace

std::string_view to_string(ServiceError code) {
  constexpr std::array<std::string_view, 8> kNames = {
      "ParseError", "InvalidSegment", "MissingName",    "InvalidName",
      "MissingId",  "InvalidTraceId", "MissingEndTime", ""};
  return kNames[static_cast<std::size_t>(code)];
}

std::string CheckFault::message() const {
  std::string text;
  if (!field.empty()) text += "field \"" + field + "\": ";
  text += reason;
  if (code != ServiceError::undocumented) text += " (" + std::string(to_string(code)) + ")";
  return text;
}

CheckVerdict check_document(std::string_view text, const CheckOptions& options) {
  return DocumentChecker(text, options).run();
}

DocumentChecker::DocumentChecker(std::string_view text, const CheckOptions& options)
    : text_(text),
      cursor_(text),
      options_(options),
      walks_blocks_(is_strict() || options.sites != nullptr) {
  if (options_.sites != nullptr) options_.sites->clear();
  if (options_.mends) cursor_.collect_non_numbers(&non_numbers_);
}

CheckVerdict DocumentChecker::run() {
  const bool is_whole = node(Level::document);
  if (!is_whole && cursor_.stop() == JsonCursor::Stop::incomplete) {
    return {.kind = CheckVerdict::Kind::incomplete};
  }
  if (!is_whole) {
    CheckFault fault{.reason = std::string(cursor_.reason()), .offset = cursor_.offset()};
    return {.kind = CheckVerdict::Kind::broken, .fault = std::move(fault)};
  }
  if (is_strict() && !fault_) judge_ids();
  if (fault_) {
    return {.kind = CheckVerdict::Kind::refused,
            .length = cursor_.offset(),
            .fault = std::move(*fault_)};
  }
  add_late_sites();
  return {.kind = CheckVerdict::Kind::valid,
          .length = cursor_.offset(),
          .start = start_,
          .marks = marks_};
}

/// Those that were found out of order.
void DocumentChecker::add_late_sites() {
  for (const TextSpan& span : non_numbers_) {
    late_sites_.push_back({.kind = Kind::non_number, .span = span});
  }
  if (late_sites_.empty()) return;
  std::vector<DocumentSite>& sites = *options_.sites;
  sites.insert(sites.end(), late_sites_.begin(), late_sites_.end());
  std::ranges::sort(sites, {}, [](const DocumentSite& site) { return site.span.begin; });
}

void DocumentChecker::judge(Node& node) {
  if (node.level == Level::document) {
    start_ = node.start;
    marks_.is_subsegment = node.is_subsegment;
    marks_.is_in_progress = node.is_in_progress && !has(node, Field::end_time);
  }
  judge_presence(node);
  if (is_strict() && !fault_) judge_documented(node);
}

void DocumentChecker::judge_presence(Node& node) {
  const bool is_document = node.level == Level::document;
  const bool lacks_end =
      !has(node, Field::end_time) && (!has(node, Field::in_progress) || !node.is_in_progress);
  std::uint8_t lacks = 0;
  const auto lack = [this, &node, &lacks](Lack what, ServiceError code, std::string_view field) {
    lacks = static_cast<std::uint8_t>(lacks | what);
    if (!options_.mends) find_fault(code, field, "it is missing", node.begin);
  };
  if (!has(node, Field::name)) lack(Lack::lacks_name, ServiceError::missing_name, "name");
  if (!has(node, Field::id)) lack(Lack::lacks_id, ServiceError::missing_id, "id");
  if (is_document && !has(node, Field::trace_id)) {
    lack(Lack::lacks_trace_id, ServiceError::invalid_trace_id, "trace_id");
  }
  if (!has(node, Field::start_time)) {
    find_fault(ServiceError::invalid_segment, "start_time", "it is missing", node.begin);
  }
  if (lacks_end && !options_.mends) {
    find_fault(ServiceError::missing_end_time, "end_time",
               "it is missing, and in_progress is not true", node.begin);
  }
  if (is_document && node.is_subsegment && !has(node, Field::parent_id)) {
    find_fault(ServiceError::invalid_segment, "parent_id",
               "it is missing, and a subsegment that is sent alone needs it", node.begin);
  }
  if (options_.sites == nullptr) return;
  if (lacks_end && node.in_progress_span.end > 0) {
    late_sites_.push_back({.kind = Kind::in_progress, .span = node.in_progress_span});
  } else if (lacks_end) {
    lacks = static_cast<std::uint8_t>(lacks | Lack::lacks_end);
  }
  (*options_.sites)[node.site].lacks = lacks;
}

void DocumentChecker::judge_documented(const Node& node) {
  const auto find = [this, &node](std::string_view field, std::string_view reason) {
    find_fault(ServiceError::undocumented, field, std::string(reason), node.begin);
  };
  if (node.start > kLatestSecond || node.end > kLatestSecond) {
    find(node.start > kLatestSecond ? "start_time" : "end_time",
         "it is in milliseconds; seconds are wanted");
  }
  if (!has(node, Field::end_time)) return;
  if (node.end < node.start) find("end_time", "it is before start_time");
  if (node.is_in_progress) find("in_progress", "it is true although there is an end_time");
}

void DocumentChecker::judge_ids() {
  const std::size_t begin = 0;
  if (!inner_trace_id_.empty() && inner_trace_id_ != trace_id_) {
    find_fault(ServiceError::undocumented, "trace_id", "its subsegments are of another trace",
               begin);
  }
  std::ranges::sort(ids_);
  const auto twice = std::ranges::adjacent_find(ids_);
  if (twice == ids_.end()) return;
  find_fault(ServiceError::undocumented, "id", "\"" + std::string(*twice) + "\" is there twice",
             begin);
}

std::size_t DocumentChecker::value_offset() {
  cursor_.token();
  return cursor_.offset();
}

void DocumentChecker::find_fault(ServiceError code, std::string_view field, std::string reason,
                                 std::size_t at) {
  if (fault_) return;
  fault_ = CheckFault{code, std::string(field), std::move(reason), at};
}

bool DocumentChecker::refuse_kind(ServiceError code, std::string_view field,
                                  std::string_view wanted) {
  const char first = cursor_.token();
  if (first != 'n') {
    find_fault(code, field,
               std::string(wanted) + " is wanted, not " + std::string(kind_of_value(first)),
               value_offset());
  }
  return cursor_.skip_value();
}

void DocumentChecker::add_site(DocumentSite::Kind kind, std::size_t begin, bool is_wrong) {
  if (options_.sites == nullptr) return;
  options_.sites->push_back(
      {.kind = kind, .span = {begin, cursor_.offset()}, .is_wrong = is_wrong});
}

}  // namespace xtrace
