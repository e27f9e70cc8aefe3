#pragma once

/// `MessageWriterFixture` is a writer between a source and a stream that both do as the test says.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <doctest/doctest.h>

#include "http/message_writer.h"
#include "support/fake_source.h"
#include "support/fake_stream.h"
#include "support/test_loop.h"

namespace xtrace::testing {

struct MessageWriterFixture {
  TestLoop loop;
  std::string head = "HEAD\r\n\r\n";
  std::string body;
  FakeSourceState source;
  std::optional<MessageWriter> writer;
  // After the writer, so that it dies first.
  std::unique_ptr<FakeStream> stream = std::make_unique<FakeStream>();
  bool ends_with_connection = false;
  int heads_sent = 0;
  std::optional<Expected<void>> sent;

  void start(std::unique_ptr<BodySource> from,
             MessageWriter::Body how = MessageWriter::Body::follows) {
    writer.emplace(loop.loop(), *stream, head, body, std::move(from),
                   MessageWriter::Events{.on_head_sent = [this] { ++heads_sent; },
                                         .on_sent =
                                             [this](Expected<void> result) {
                                               REQUIRE_FALSE(sent.has_value());
                                               sent = std::move(result);
                                             }});
    if (ends_with_connection) writer->end_with_connection();
    writer->start(how);
  }
  void start_source(MessageWriter::Body how = MessageWriter::Body::follows) {
    start(std::make_unique<FakeSource>(source), how);
  }
  void start_body(std::string text, MessageWriter::Body how = MessageWriter::Body::follows) {
    body = std::move(text);
    start(nullptr, how);
  }

  /// The kernel takes whatever it is given until nothing is.
  std::string_view take_all() {
    while (!stream->pending.empty()) stream->accept_all();
    return stream->written;
  }

  bool is_sent() const { return sent.has_value() && sent->has_value(); }
  const Error& error() const {
    REQUIRE(sent.has_value());
    REQUIRE_FALSE(sent->has_value());
    return sent->error();
  }
};

}  // namespace xtrace::testing
