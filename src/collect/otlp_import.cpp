#include "collect/otlp_import.h"

#include <algorithm>
#include <deque>

#include "collect/otlp_span.h"
#include "collect/value_reader.h"
#include "xray/json_cursor.h"

namespace xtrace::collect {

namespace {

/// The values of a member that is an array, as they are written.
template <typename Visit>
void each_element(std::string_view array, std::deque<std::string>& decoded, Visit&& visit) {
  if (array.empty()) return;
  ValueReader reader(array, decoded);
  reader.array([&] {
    const std::string_view element = reader.block('{');
    if (!element.empty()) visit(element);
  });
}

}  // namespace

void OtlpReader::read(std::string_view text) {
  text_ = text;
  counted_ = text.data();
  line_ = 1;
  std::size_t at = 0;
  while (true) {
    at = text.find_first_not_of(" \t\r\n", at);
    if (at == std::string_view::npos) return;
    std::vector<TextSpan> non_numbers;
    JsonCursor cursor(text.substr(at));
    cursor.collect_non_numbers(&non_numbers);
    const bool is_object = cursor.token() == '{';
    if (cursor.skip_value()) {
      if (is_object) {
        read_request(text.substr(at, cursor.offset()));
      } else {
        sinks_.refusal(line_of(text.data() + at), "it is no object of OTLP");
      }
      at += cursor.offset();
      continue;
    }
    const bool is_cut = cursor.stop() == JsonCursor::Stop::incomplete;
    sinks_.refusal(line_of(text.data() + at + cursor.offset()),
                   is_cut ? "the input ends inside of it" : std::string(cursor.reason()));
    at = text.find("\n{", at);
    if (at == std::string_view::npos) return;
  }
}

void OtlpReader::read_request(std::string_view request) {
  std::deque<std::string> decoded;
  bool has_spans = false;
  ValueReader reader(request, decoded);
  reader.object([&](std::string_view key) {
    if (key != "resourceSpans") return reader.skip();
    has_spans = true;
    each_element(reader.block('['), decoded,
                 [this](std::string_view element) { read_resource(element); });
  });
  if (!has_spans) {
    sinks_.refusal(line_of(request.data()), "it has no \"resourceSpans\", as traces in OTLP have");
  }
}

void OtlpReader::read_resource(std::string_view resource_spans) {
  std::deque<std::string> decoded;
  std::string_view resource;
  std::string_view scopes;
  ValueReader reader(resource_spans, decoded);
  reader.object([&](std::string_view key) {
    if (key == "resource") {
      reader.object([&](std::string_view member) {
        if (member != "attributes") return reader.skip();
        resource = reader.block('[');
      });
    } else if (key == "scopeSpans" || key == "instrumentationLibrarySpans") {
      scopes = reader.block('[');
    } else {
      reader.skip();
    }
  });
  each_element(scopes, decoded, [&](std::string_view element) { read_scope(element, resource); });
}

void OtlpReader::read_scope(std::string_view scope_spans, std::string_view resource) {
  std::deque<std::string> decoded;
  ValueReader reader(scope_spans, decoded);
  reader.object([&](std::string_view key) {
    if (key != "spans") return reader.skip();
    each_element(reader.block('['), decoded,
                 [&](std::string_view element) { read_span(element, resource); });
  });
}

void OtlpReader::read_span(std::string_view text, std::string_view resource) {
  std::deque<std::string> decoded;
  Expected<OtlpSpan> span = read_otlp_span(text, decoded);
  if (const Error* error = span.if_error()) {
    return sinks_.refusal(line_of(text.data()), error->message);
  }
  OtlpAttributeList attributes(resource, decoded);
  std::string document;
  write_span_document(*span, attributes, decoded, document);
  sinks_.document(document, line_of(text.data()));
}

std::uint64_t OtlpReader::line_of(const char* place) {
  const auto [begin, end] = std::minmax(counted_, place);
  const auto between = static_cast<std::uint64_t>(std::count(begin, end, '\n'));
  line_ = place < counted_ ? line_ - between : line_ + between;
  counted_ = place;
  return line_;
}

}  // namespace xtrace::collect
