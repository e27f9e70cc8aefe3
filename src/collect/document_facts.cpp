#include "collect/document_facts.h"

#include <utility>
#include <vector>

#include "xray/json_cursor.h"

namespace xtrace::collect {

namespace {

/// An id of a document as it is written; unset where it is none.
template <typename Id>
std::optional<Id> to_id(const JsonText& text) {
  Expected<Id> id = text.has_escapes ? Id::parse(text.decode()) : Id::parse(text.raw);
  return id ? std::optional(*id) : std::nullopt;
}

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

bool is_whole(std::string_view document, const CheckVerdict& verdict) {
  const bool has_end =
      verdict.kind == CheckVerdict::Kind::valid || verdict.kind == CheckVerdict::Kind::refused;
  return has_end && is_blank(document.substr(verdict.length));
}

/// What can be known of a document that the service would refuse.
class LenientReader {
 public:
  explicit LenientReader(std::string_view document) : document_(document), cursor_(document) {
    cursor_.collect_non_numbers(&non_numbers_);
  }

  DocumentFacts read() {
    const bool is_json = cursor_.object([this](const JsonText& key) { return member(key); }) &&
                         is_blank(document_.substr(cursor_.offset()));
    if (!is_json) return {};
    facts_.is_in_progress = is_in_progress_ && !has_end_;
    return facts_;
  }

 private:
  bool member(const JsonText& key) {
    const char first = cursor_.token();
    if (first == '"') return text_member(key);
    if (key.means("in_progress")) is_in_progress_ = first == 't';
    if (key.means("end_time")) has_end_ = first != 'n';
    return cursor_.skip_value();
  }

  bool text_member(const JsonText& key) {
    const std::optional<JsonText> text = cursor_.string();
    if (!text) return false;
    if (key.means("trace_id")) {
      facts_.trace_id = to_id<TraceId>(*text);
    } else if (key.means("id")) {
      facts_.id = to_id<SegmentId>(*text).value_or(SegmentId{});
    } else if (key.means("type")) {
      facts_.is_subsegment = text->means("subsegment");
    } else if (key.means("end_time")) {
      has_end_ = true;
    }
    return true;
  }

  std::string_view document_;
  JsonCursor cursor_;
  std::vector<TextSpan> non_numbers_;
  DocumentFacts facts_{};
  bool is_in_progress_ = false;
  bool has_end_ = false;
};

}  // namespace

DocumentFacts read_document_facts(std::string_view document) {
  const CheckVerdict verdict = check_document(document);
  const bool is_document = is_whole(document, verdict);
  if (is_document && verdict.kind == CheckVerdict::Kind::valid) {
    return {.trace_id = to_id<TraceId>(verdict.marks.trace_id),
            .id = to_id<SegmentId>(verdict.marks.id).value_or(SegmentId{}),
            .is_in_progress = verdict.marks.is_in_progress,
            .is_subsegment = verdict.marks.is_subsegment};
  }
  DocumentFacts facts = LenientReader(document).read();
  facts.refusal = is_document ? verdict.fault.code : ServiceError::parse_error;
  return facts;
}

std::string fault_of(std::string_view document) {
  CheckVerdict verdict = check_document(document);
  CheckFault& fault = verdict.fault;
  if (is_whole(document, verdict)) {
    return verdict.kind == CheckVerdict::Kind::valid ? std::string() : fault.message();
  }
  fault.code = ServiceError::parse_error;
  fault.field.clear();
  switch (verdict.kind) {
    case CheckVerdict::Kind::incomplete:
      fault.reason = is_blank(document) ? "it is empty" : "it ends too early";
      break;
    case CheckVerdict::Kind::broken:
      fault.reason += ", at byte " + std::to_string(fault.offset);
      break;
    default:
      fault.reason = "more follows behind its end, at byte " + std::to_string(verdict.length);
  }
  return fault.message();
}

}  // namespace xtrace::collect
