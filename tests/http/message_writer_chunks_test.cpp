#include <string>

#include "message_writer_fixture.h"

namespace xtrace::message_writer_chunks_test {

using testing::FakeSource;
using testing::MessageWriterFixture;

TEST_SUITE("http/message_writer_chunks") {
  TEST_CASE_FIXTURE(MessageWriterFixture, "an unsized source is sent in chunks, byte for byte") {
    source.ready = {"hello", "a longer second piece", ""};
    start_source();
    CHECK(stream->pending == "HEAD\r\n\r\n5\r\nhello\r\n15\r\na longer second piece\r\n0\r\n\r\n");
    CHECK(writer->body_size() == std::nullopt);
    take_all();
    CHECK(is_sent());
    CHECK(stream->writes == 1);
    CHECK(writer->body_bytes_sent() == 26);
  }

  TEST_CASE_FIXTURE(MessageWriterFixture, "an empty unsized source is the last chunk alone") {
    source.ready = {""};
    start_source();
    CHECK(take_all() == "HEAD\r\n\r\n0\r\n\r\n");
    CHECK(is_sent());
    CHECK(writer->body_bytes_sent() == 0);
  }

  TEST_CASE_FIXTURE(MessageWriterFixture, "a source may end with the connection, without chunks") {
    source.ready = {"hello", std::string(70'000, 'y'), ""};
    ends_with_connection = true;
    start_source();
    CHECK(take_all() == "HEAD\r\n\r\nhello" + std::string(70'000, 'y'));
    CHECK(is_sent());
    CHECK(writer->body_bytes_sent() == 70'005);
  }

  TEST_CASE_FIXTURE(MessageWriterFixture, "large chunks are framed around where they lie") {
    const std::string large(0x12345, 'x');
    source.ready = {large, large, ""};
    start_source();
    CHECK(stream->pending == "HEAD\r\n\r\n12345\r\n");
    stream->accept_all();
    CHECK(stream->pending.data() == source.lent.data());
    stream->accept(7);
    CHECK(writer->body_bytes_sent() == 7);
    CHECK(take_all() ==
          "HEAD\r\n\r\n12345\r\n" + large + "\r\n12345\r\n" + large + "\r\n0\r\n\r\n");
    CHECK(is_sent());
    CHECK(stream->writes == 5);
    CHECK(writer->body_bytes_sent() == 2 * large.size());
  }

  TEST_CASE_FIXTURE(MessageWriterFixture, "a chunk that has come is sent though the next has not") {
    start_source();
    CHECK(take_all() == "HEAD\r\n\r\n");
    source.give("one");
    CHECK(take_all() == "HEAD\r\n\r\n3\r\none\r\n");
    source.give("two");
    CHECK(take_all() == "HEAD\r\n\r\n3\r\none\r\n3\r\ntwo\r\n");
    source.give("");
    CHECK(take_all() == "HEAD\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n");
    CHECK(is_sent());
  }

  TEST_CASE_FIXTURE(MessageWriterFixture,
                    "a large chunk ends when it was taken, not when the next comes") {
    source.ready = {std::string(20'000, 'x')};
    start_source();
    CHECK(take_all() == "HEAD\r\n\r\n4e20\r\n" + std::string(20'000, 'x') + "\r\n");
    source.give("y");
    source.give("");
    CHECK(take_all().ends_with("x\r\n1\r\ny\r\n0\r\n\r\n"));
    CHECK(is_sent());
  }

  TEST_CASE_FIXTURE(MessageWriterFixture,
                    "while the kernel is busy one piece waits and no more is asked for") {
    start_source();
    source.give("one");
    CHECK_FALSE(source.on_read);
    CHECK(take_all() == "HEAD\r\n\r\n3\r\none\r\n");
  }

  TEST_CASE_FIXTURE(MessageWriterFixture, "framing is never counted as body") {
    source.ready = {"0123456789", ""};
    start_source();
    std::uint64_t last = 0;
    while (stream->pending.size() > 1) {
      stream->accept(1);
      CHECK(writer->body_bytes_sent() >= last);
      CHECK(writer->body_bytes_sent() <= 10);
      last = writer->body_bytes_sent();
      if (stream->written.size() <= 11) CHECK(last == 0);
    }
    stream->accept_all();
    CHECK(writer->body_bytes_sent() == 10);
  }

  TEST_CASE_FIXTURE(MessageWriterFixture, "trailers follow the last chunk") {
    source.trailers = Headers{{"Checksum", "abc"}, {"X-Empty", ""}};
    source.ready = {"hi", ""};
    start_source();
    CHECK(take_all() == "HEAD\r\n\r\n2\r\nhi\r\n0\r\nChecksum: abc\r\nX-Empty: \r\n\r\n");
    CHECK(is_sent());
  }

  TEST_CASE_FIXTURE(MessageWriterFixture, "a sized source has no trailers") {
    source.size = 2;
    source.trailers = Headers{{"Checksum", "abc"}};
    source.ready = {"hi", ""};
    start_source();
    CHECK(take_all() == "HEAD\r\n\r\nhi");
  }

  TEST_CASE_FIXTURE(MessageWriterFixture, "a trailer that would break the framing is refused") {
    SUBCASE("a line break") {
      source.trailers = Headers{{"A", "b\r\nC: d"}};
    }
    SUBCASE("no token") {
      source.trailers = Headers{{"A b", "c"}};
    }
    SUBCASE("a framing field") {
      source.trailers = Headers{{"content-length", "3"}};
    }
    source.ready = {"hi"};
    start_source();
    take_all();
    source.give("");
    CHECK(error().code == Error::Code::body_source_failed);
    CHECK(stream->written == "HEAD\r\n\r\n2\r\nhi\r\n");
  }

  TEST_CASE_FIXTURE(MessageWriterFixture,
                    "a source that always has more does not fill the memory") {
    for (int i = 0; i < 100; ++i) source.ready.emplace_back(1000, 'x');
    source.ready.emplace_back();
    start_source();
    CHECK(stream->pending.size() <= 40 * 1024);
    std::string all;
    for (int i = 0; i < 100; ++i) all += "3e8\r\n" + std::string(1000, 'x') + "\r\n";
    CHECK(take_all() == "HEAD\r\n\r\n" + all + "0\r\n\r\n");
    CHECK(is_sent());
    CHECK(writer->body_bytes_sent() == 100'000);
  }
}

}  // namespace xtrace::message_writer_chunks_test
