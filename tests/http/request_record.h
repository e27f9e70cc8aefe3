#pragma once

/// What a `RequestParser` told, as text and as values, for tests.

#include <algorithm>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ascii.h"
#include "http/record.h"
#include "http/request_parser.h"

namespace xtrace::testing {

/// One connection's requests. Everything a caller can see is gathered.
struct RequestRecord final : RequestEvents {
  explicit RequestRecord(RequestLimits limits = {}) : parser(limits, *this) {}

  void on_head(const IncomingRequest& request) override {
    ++heads;
    head = describe(request);
    if (during_head) during_head(request);
  }
  void on_body(std::span<const std::byte> piece) override {
    body.append(reinterpret_cast<const char*>(piece.data()), piece.size());
    if (during_body) during_body();
  }
  void on_complete() override { ++completes; }

  /// Feeds until the parser takes nothing more. Returns what was taken.
  std::size_t feed(std::string_view bytes) {
    const std::size_t count = parser.feed(as_bytes(bytes));
    taken += count;
    return count;
  }
  /// Feeds byte by byte.
  void feed_singly(std::string_view bytes) {
    for (const char& byte : bytes) {
      if (feed({&byte, 1}) == 0) return;
    }
  }
  void begin_next() {
    heads = completes = 0;
    taken = 0;
    head.clear();
    body.clear();
    parser.reset();
  }

  int status() const { return parser.refusal() ? parser.refusal()->status : 0; }
  std::string message() const { return parser.refusal() ? parser.refusal()->error.message : ""; }

  /// All that a caller can see, in one line.
  std::string summary() const {
    std::string text = head + "body \"" + body + "\" " + std::to_string(parser.body_size());
    text += " of " + std::to_string(taken) + (parser.has_begun() ? " begun" : "");
    if (parser.is_head_complete()) text += parser.keeps_alive() ? " keeps alive" : " closes";
    for (int i = 0; i < heads; ++i) text += " head";
    for (int i = 0; i < completes; ++i) text += " complete";
    if (parser.is_complete()) text += " is complete";
    if (parser.refusal()) text += " " + std::to_string(status()) + " " + message();
    return text;
  }

  static std::string describe(const IncomingRequest& request) {
    std::string text(request.method);
    for (const std::string_view part : {request.target, request.path, request.query, request.host})
      (text += ' ') += part;
    text += " 1." + std::to_string(request.version_minor) + " ";
    for (const FieldView& field : request.fields) {
      text.append(field.name).append("=").append(field.value).append(" ");
    }
    if (request.content_length) text += std::to_string(*request.content_length) + " ";
    if (request.is_chunked) text += "chunked ";
    if (request.expects_continue) text += "expects ";
    return text;
  }

  RequestParser parser;
  std::function<void(const IncomingRequest&)> during_head;
  std::function<void()> during_body;
  int heads = 0;
  int completes = 0;
  std::size_t taken = 0;
  std::string head;
  std::string body;
};

/// Whether the fields say the same of body and host as the values, in one way.
inline bool is_unambiguous(const IncomingRequest& request) {
  const auto count = [&request](std::string_view name) {
    return std::ranges::count_if(
        request.fields, [name](const FieldView& field) { return same_word(field.name, name); });
  };
  const auto hosts = count("Host");
  return count("Content-Length") == (request.content_length ? 1 : 0) &&
         count("Transfer-Encoding") == (request.is_chunked ? 1 : 0) &&
         !(request.content_length && request.is_chunked) &&
         (hosts == 1 || (hosts == 0 && request.version_minor == 0));
}

/// The head again, from what was told of it.
inline std::string written_anew(const IncomingRequest& request) {
  std::string text(request.method);
  text.append(" ").append(request.target);
  text.append(request.version_minor == 0 ? " HTTP/1.0\r\n" : " HTTP/1.1\r\n");
  for (const FieldView& field : request.fields) {
    text.append(field.name).append(": ").append(field.value).append("\r\n");
  }
  return text += "\r\n";
}

/// The summary of one request in one piece.
inline std::string summary_of(std::string_view bytes, RequestLimits limits = {}) {
  RequestRecord record(limits);
  record.feed(bytes);
  return record.summary();
}

}  // namespace xtrace::testing
