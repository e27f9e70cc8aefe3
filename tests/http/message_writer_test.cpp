#include "http/message_writer.h"

#include <string>

#include "message_writer_fixture.h"

namespace xtrace::message_writer_test {

using testing::FakeSource;
using testing::MessageWriterFixture;

TEST_SUITE("http/message_writer") {
  TEST_CASE_FIXTURE(MessageWriterFixture, "a small body leaves with its head in one write") {
    start_body("ping");
    CHECK(stream->pending == "HEAD\r\n\r\nping");
    CHECK(writer->head_size() == 8);
    CHECK(writer->body_size() == 4);
    stream->accept(10);
    CHECK(writer->body_bytes_sent() == 2);
    CHECK_FALSE(writer->is_complete());
    stream->accept_all();
    CHECK(heads_sent == 1);
    CHECK(is_sent());
    CHECK(writer->is_complete());
    CHECK(writer->body_bytes_sent() == 4);
    CHECK(head.empty());
  }

  TEST_CASE_FIXTURE(MessageWriterFixture, "a large body is written from where it lies") {
    start_body(std::string(3'000'000, 'x'));
    CHECK(stream->pending == "HEAD\r\n\r\n");
    stream->accept_all();
    CHECK(heads_sent == 1);
    CHECK(stream->pending.data() == body.data());
    stream->accept(1000);
    CHECK(writer->body_bytes_sent() == 1000);
    CHECK(take_all() == "HEAD\r\n\r\n" + body);
    CHECK(is_sent());
    CHECK(writer->body_bytes_sent() == 3'000'000);
  }

  TEST_CASE_FIXTURE(MessageWriterFixture, "without a body the head is all") {
    start_body("");
    CHECK(take_all() == "HEAD\r\n\r\n");
    CHECK(is_sent());
    CHECK(stream->writes == 1);
  }

  TEST_CASE_FIXTURE(MessageWriterFixture,
                    "a held body waits for its release, and the source unasked") {
    source.size = 4;
    source.ready = {"ping", ""};
    start_source(MessageWriter::Body::held);
    CHECK(take_all() == "HEAD\r\n\r\n");
    CHECK(heads_sent == 1);
    CHECK_FALSE(sent.has_value());
    CHECK(source.reads == 0);
    writer->release_body();
    CHECK(take_all() == "HEAD\r\n\r\nping");
    CHECK(is_sent());
  }

  TEST_CASE_FIXTURE(MessageWriterFixture, "a body released before its head was sent follows it") {
    start_body("ping", MessageWriter::Body::held);
    writer->release_body();
    writer->release_body();
    CHECK(stream->pending == "HEAD\r\n\r\n");
    CHECK(take_all() == "HEAD\r\n\r\nping");
    CHECK(is_sent());
  }

  TEST_CASE_FIXTURE(MessageWriterFixture, "a held body that is never released stays here") {
    start_body("ping", MessageWriter::Body::held);
    take_all();
    CHECK_FALSE(writer->is_complete());
    CHECK(writer->body_bytes_sent() == 0);
    CHECK(writer->has_sent_anything());
  }

  TEST_CASE_FIXTURE(MessageWriterFixture, "a write that fails ends it") {
    start_body("ping");
    stream->accept(9);
    stream->fail_write({Error::Code::send_failed, Phase::request, "broken pipe"});
    CHECK(error().code == Error::Code::send_failed);
    CHECK(heads_sent == 0);
    CHECK_FALSE(writer->is_complete());
  }

  TEST_CASE_FIXTURE(MessageWriterFixture, "a sized source that is ready leaves with the head") {
    source.size = 8;
    source.ready = {"ping", "pong", ""};
    start_source();
    CHECK(stream->pending == "HEAD\r\n\r\npingpong");
    take_all();
    CHECK(is_sent());
    CHECK(stream->writes == 1);
    CHECK(writer->body_bytes_sent() == 8);
  }

  TEST_CASE_FIXTURE(MessageWriterFixture, "a source that takes its time lets the head go first") {
    source.size = 8;
    start_source();
    CHECK(stream->pending == "HEAD\r\n\r\n");
    source.give("ping");
    CHECK(take_all() == "HEAD\r\n\r\nping");
    CHECK(heads_sent == 1);
    source.give("pong");
    take_all();
    CHECK_FALSE(sent.has_value());
    source.give("");
    CHECK(is_sent());
    CHECK(stream->written == "HEAD\r\n\r\npingpong");
  }

  TEST_CASE_FIXTURE(MessageWriterFixture,
                    "large pieces are written in place, one after the other taken") {
    const std::string large(100'000, 'x');
    source.size = 200'000;
    source.ready = {large, large, ""};
    start_source();
    CHECK(source.reads == 1);
    stream->accept_all();
    CHECK(stream->pending.data() == source.lent.data());
    stream->accept(99'999);
    CHECK(source.reads == 1);
    CHECK(writer->body_bytes_sent() == 99'999);
    CHECK(take_all() == "HEAD\r\n\r\n" + large + large);
    CHECK(is_sent());
  }

  TEST_CASE_FIXTURE(MessageWriterFixture,
                    "a source that gives too much fails before that is sent") {
    source.size = 6;
    source.ready = {"ping"};
    start_source();
    take_all();
    source.give("pong");
    CHECK(error().code == Error::Code::body_source_failed);
    CHECK(error().message == "the source of the body gave more than the 6 bytes it announced");
    CHECK(stream->written == "HEAD\r\n\r\nping");
    CHECK_FALSE(writer->is_complete());
  }

  TEST_CASE_FIXTURE(MessageWriterFixture, "a source that ends early fails, naming how far it got") {
    source.size = 6;
    source.ready = {"ping"};
    start_source();
    take_all();
    source.give("");
    CHECK(error().code == Error::Code::body_source_failed);
    CHECK(error().phase == Phase::request);
    CHECK(error().message == "the source of the body ended after 4 of the 6 bytes it announced");
  }

  TEST_CASE_FIXTURE(MessageWriterFixture,
                    "a source that fails at once is told of on a later turn") {
    source.ready = {std::string(FakeSource::kFailure)};
    SUBCASE("after the start") {
      start_source();
    }
    SUBCASE("after the release") {
      start_source(MessageWriter::Body::held);
      take_all();
      writer->release_body();
    }
    CHECK_FALSE(sent.has_value());
    loop.spin();
    CHECK(error() == FakeSource::failure());
  }

  TEST_CASE_FIXTURE(MessageWriterFixture,
                    "a source that fails later fails though the peer takes nothing") {
    source.ready = {"ping"};
    start_source();
    REQUIRE_FALSE(stream->pending.empty());
    source.give_error(FakeSource::failure());
    CHECK(error() == FakeSource::failure());
  }

  TEST_CASE_FIXTURE(MessageWriterFixture, "an empty source that is released at once ends later") {
    source.size = 0;
    source.ready = {""};
    start_source(MessageWriter::Body::held);
    take_all();
    writer->release_body();
    CHECK_FALSE(sent.has_value());
    loop.spin();
    CHECK(is_sent());
  }

  TEST_CASE_FIXTURE(MessageWriterFixture, "its end may destroy it, from inside the source's call") {
    start_source();
    take_all();
    writer.reset();
    source = {};
    stream = std::make_unique<testing::FakeStream>();
    head = "HEAD";
    writer.emplace(loop.loop(), *stream, head, "", std::make_unique<FakeSource>(source),
                   MessageWriter::Events{.on_head_sent = [] {},
                                         .on_sent =
                                             [this](const Expected<void>&) {
                                               stream.reset();
                                               writer.reset();
                                             }});
    writer->start(MessageWriter::Body::follows);
    stream->accept_all();
    source.give_error(FakeSource::failure());
    CHECK(source.is_gone);
  }

  TEST_CASE_FIXTURE(MessageWriterFixture, "a large buffer is not kept for the next request") {
    start_body(std::string(10'000, 'x'));
    CHECK(head.capacity() >= 10'000);
    take_all();
    CHECK(head.capacity() <= 4096);
  }
}

}  // namespace xtrace::message_writer_test
