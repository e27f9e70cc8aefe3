#pragma once

/// `OtlpReader` makes segment documents of the spans of OTLP JSON, as OpenTelemetry's X-Ray
/// exporter does: servers' spans and those without a parent become segments, all others subsegments
/// that are documents of their own.
///
/// The text is one `ExportTraceServiceRequest` (or `TracesData`), or several behind one another, a
/// line each say, as collectors write them into files. Ids are the spans' own; only exceptions,
/// which have none in OTLP, get new ones.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace xtrace::collect {

class OtlpReader {
 public:
  struct Sinks {
    /// The text until return, and the line of the span, from 1 on.
    std::function<void(std::string_view document, std::uint64_t line)> document{};
    /// What is no span, or no JSON, and why.
    std::function<void(std::uint64_t line, const std::string& reason)> refusal{};
  };

  explicit OtlpReader(Sinks sinks) : sinks_(std::move(sinks)) {}

  /// All of `text`. Behind what is no JSON it goes on with the next line that begins an object.
  void read(std::string_view text);

 private:
  void read_request(std::string_view request);
  void read_resource(std::string_view resource_spans);
  void read_scope(std::string_view scope_spans, std::string_view resource);
  void read_span(std::string_view span, std::string_view resource);
  std::uint64_t line_of(const char* place);

  const Sinks sinks_;
  std::string_view text_;
  // Where lines were counted to last: counting from the beginning for each span would take minutes
  // of a file of some megabytes.
  const char* counted_ = nullptr;
  std::uint64_t line_ = 1;
};

}  // namespace xtrace::collect
