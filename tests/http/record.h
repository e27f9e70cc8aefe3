#pragma once

/// What a `ResponseParser` told, as text and as values, for tests.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/parser.h"

namespace xtrace::testing {

inline std::span<const std::byte> as_bytes(std::string_view text) {
  return std::as_bytes(std::span(text));
}

/// Every event in order: `first`, `interim 103`, `head 200`, `complete`; the body is gathered.
struct Record final : ResponseEvents {
  void on_status_line_begins() override { events.emplace_back("first"); }
  void on_interim(Response response) override {
    events.push_back("interim " + std::to_string(response.status));
    interims.push_back(std::move(response));
  }
  void on_head(Response response) override {
    events.push_back("head " + std::to_string(response.status));
    head = std::move(response);
  }
  void on_body(std::span<const std::byte> piece) override {
    body.append(reinterpret_cast<const char*>(piece.data()), piece.size());
    ++pieces;
  }
  void on_complete(Headers fields) override {
    events.emplace_back("complete");
    trailers = std::move(fields);
  }

  std::vector<std::string> events;
  std::vector<Response> interims;
  Response head;
  std::string body;
  int pieces = 0;
  Headers trailers;
};

/// One response from its first byte to the end of its connection.
struct Exchange {
  explicit Exchange(std::string_view method = "GET", ParserLimits limits = {})
      : parser(method, limits, record) {}

  /// Feeds one piece after the other until the parser is done with them; then, if the response is
  /// not complete, ends the connection.
  Exchange& run(std::initializer_list<std::string_view> pieces) {
    for (const std::string_view piece : pieces) feed(piece);
    end();
    return *this;
  }

  void feed(std::string_view piece) {
    if (error) return;
    const Expected<std::size_t> taken = parser.feed(as_bytes(piece));
    if (const Error* refused = taken.if_error()) {
      error = *refused;
    } else {
      consumed += *taken;
    }
  }

  void end() {
    if (error) return;
    if (const Expected<void> ended = parser.finish(); !ended) error = ended.error();
  }

  /// Forgets what was told, and begins the next response with the same parser.
  void begin_next(std::string_view method) {
    record = {};
    error.reset();
    consumed = 0;
    parser.reset(method, record);
  }

  /// All that a caller can see, in one line.
  std::string summary() const {
    std::string text;
    for (const std::string& event : record.events) (text += event) += ", ";
    for (const Response& interim : record.interims) text += describe(interim.headers);
    text += std::to_string(record.head.version_minor) + " \"" + record.head.reason + "\" " +
            describe(record.head.headers) + "body \"" + record.body + "\" " +
            describe(record.trailers);
    if (record.head.content_length) text += std::to_string(*record.head.content_length) + " ";
    if (!error)
      text += std::to_string(parser.head_size()) + "+" + std::to_string(parser.body_size());
    text += parser.is_complete() ? " complete" : " incomplete";
    if (parser.keeps_alive()) text += ", keeps alive";
    if (error) text += ", " + std::string(to_string(error->code)) + ": " + error->message;
    return text;
  }

  Record record;
  ResponseParser parser;
  std::optional<Error> error;
  std::size_t consumed = 0;

 private:
  static std::string describe(const Headers& headers) {
    std::string text;
    for (const Header& field : headers) text += field.name + "=" + field.value + " ";
    return text;
  }
};

/// The error of a GET whose connection ends behind `bytes`; `none` where there is none.
inline std::string code_of(std::string_view bytes) {
  Exchange exchange;
  exchange.run({bytes});
  return exchange.error ? std::string(to_string(exchange.error->code)) : "none";
}

/// Its message.
inline std::string message_of(std::string_view bytes) {
  Exchange exchange;
  exchange.run({bytes});
  return exchange.error ? exchange.error->message : "";
}

}  // namespace xtrace::testing
