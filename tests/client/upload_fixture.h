#pragma once

/// `UploadFixture` is an upload between a source and a stream that both do as the test says.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <doctest/doctest.h>

#include "client/upload.h"
#include "fake_source.h"
#include "support/fake_stream.h"
#include "support/test_loop.h"

namespace xtrace::testing {

struct UploadFixture {
  TestLoop loop;
  std::string head = "HEAD\r\n\r\n";
  std::string body;
  FakeSourceState source;
  std::optional<Upload> upload;
  // After the upload, so that it dies first.
  std::unique_ptr<FakeStream> stream = std::make_unique<FakeStream>();
  int heads_sent = 0;
  std::optional<Expected<void>> sent;

  void start(std::unique_ptr<BodySource> from, Upload::Body how = Upload::Body::follows) {
    upload.emplace(loop.loop(), *stream, head, body, std::move(from),
                   Upload::Events{.on_head_sent = [this] { ++heads_sent; },
                                  .on_sent =
                                      [this](Expected<void> result) {
                                        REQUIRE_FALSE(sent.has_value());
                                        sent = std::move(result);
                                      }});
    upload->start(how);
  }
  void start_source(Upload::Body how = Upload::Body::follows) {
    start(std::make_unique<FakeSource>(source), how);
  }
  void start_body(std::string text, Upload::Body how = Upload::Body::follows) {
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
