#include <string>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>
#include <uv.h>

#include "source_fixture.h"

namespace xtrace::body_source_test {

using testing::many_bytes;
using testing::Pipe;
using testing::SourceFixture;

TEST_SUITE("client/body_source") {
  TEST_CASE_FIXTURE(SourceFixture, "a file is read whole, in slices") {
    for (const std::size_t size : {1U, 5'000U, 524'288U, 1'400'000U}) {
      CAPTURE(size);
      const std::string content = many_bytes(size);
      open(file_body(scratch.write("file", content)));
      CHECK(source->size() == size);
      read_all();
      CHECK(bytes == content);
      CHECK(largest <= 512 * 1024);
      CHECK(source->trailers() == nullptr);
    }
  }

  TEST_CASE_FIXTURE(SourceFixture, "a small file that the system has in memory is given at once") {
    const std::string path = scratch.write("file", "content");
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    char bytes_there[8] = {};
    const iovec into{.iov_base = bytes_there, .iov_len = sizeof bytes_there};
    const bool is_there = preadv2(file.get(), &into, 1, 0, RWF_NOWAIT) == 7;
    open(file_body(path));
    read();
    CHECK(is_waiting != is_there);
    read_all();
    CHECK(bytes == "content");
  }

  TEST_CASE_FIXTURE(SourceFixture, "a file gives the same again, and its end again") {
    const BodySupply supply = file_body(scratch.write("file", "content"));
    CHECK(supply.is_repeatable);
    for (int i = 0; i < 2; ++i) {
      open(supply);
      read_all();
      CHECK(bytes == "content");
      is_ended = false;
      read_all();
      CHECK(bytes == "content");
    }
  }

  TEST_CASE_FIXTURE(SourceFixture, "an empty file has a size and nothing in it") {
    open(file_body(scratch.write("file", "")));
    CHECK(source->size() == 0);
    read_all();
    CHECK(bytes.empty());
    CHECK_FALSE(error.has_value());
  }

  TEST_CASE_FIXTURE(SourceFixture, "a file that the kernel makes up has no size and some content") {
    open(file_body("/proc/self/status"));
    CHECK(source->size() == std::nullopt);
    read_all();
    CHECK(bytes.starts_with("Name:"));
  }

  TEST_CASE_FIXTURE(SourceFixture, "a file that is not there is refused by name and reason") {
    const BodySupply supply = file_body(scratch.path("nowhere"));
    const Error missing = failure_to_open(supply);
    CHECK(missing.code == Error::Code::body_source_failed);
    CHECK(missing.message ==
          "open " + scratch.path("nowhere") + ": no such file or directory (ENOENT)");
    CHECK(supply.is_repeatable);
    scratch.write("nowhere", "late");
    open(supply);
    read_all();
    CHECK(bytes == "late");
  }

  TEST_CASE_FIXTURE(SourceFixture, "a folder is no body") {
    const Error folder = failure_to_open(file_body(scratch.path(".")));
    CHECK(folder.code == Error::Code::body_source_failed);
    CHECK(folder.message.find("EISDIR") != std::string::npos);
  }

  TEST_CASE_FIXTURE(SourceFixture, "a file that shrinks ends early, one that grows gives more") {
    const std::string content = many_bytes(300'000);
    const std::string path = scratch.write("file", content);
    open(file_body(path));
    SUBCASE("shrinks") {
      REQUIRE(truncate(path.c_str(), 1'000) == 0);
      read_all();
      CHECK(bytes == content.substr(0, 1'000));
      CHECK(source->size() == 300'000);
    }
    SUBCASE("grows") {
      scratch.write("file", content + "more");
      read_all();
      CHECK(bytes.size() > 300'000);
    }
  }

  TEST_CASE_FIXTURE(SourceFixture, "a FIFO waits for its writer and ends with it") {
    const std::string path = scratch.path("fifo");
    REQUIRE(mkfifo(path.c_str(), 0600) == 0);
    const BodySupply supply = file_body(path);
    CHECK_FALSE(supply.is_repeatable);
    open(supply);
    CHECK(source->size() == std::nullopt);
    CHECK_FALSE(read_on());
    loop.spin();
    CHECK_FALSE(read_on());
    {
      const Descriptor writer(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
      REQUIRE(write(writer.get(), "one", 3) == 3);
      loop.run_until([this] { return read_on() || bytes == "one"; });
      REQUIRE(write(writer.get(), "two", 3) == 3);
      loop.run_until([this] { return read_on() || bytes == "onetwo"; });
      CHECK_FALSE(is_ended);
    }
    read_all();
    CHECK(is_ended);
    CHECK(bytes == "onetwo");
    CHECK(failure_to_open(supply).code == Error::Code::body_not_repeatable);
  }

  TEST_CASE_FIXTURE(SourceFixture, "a device that cannot be watched is read on a thread") {
    const BodySupply supply = file_body("/dev/zero");
    CHECK_FALSE(supply.is_repeatable);
    open(supply);
    CHECK(source->size() == std::nullopt);
    read();
    CHECK(is_waiting);
    loop.run_until([this] { return !is_waiting; });
    CHECK(bytes == std::string(512 * 1024, '\0'));
    source.reset();
    loop.loop().run();
  }

  TEST_CASE_FIXTURE(SourceFixture, "a descriptor's file is sent from its offset, which stays") {
    const int descriptor = scratch.descriptor("file", "0123456789");
    REQUIRE(lseek(descriptor, 4, SEEK_SET) == 4);
    const BodySupply supply = descriptor_body(descriptor, "stdin");
    CHECK(supply.is_repeatable);
    for (int i = 0; i < 2; ++i) {
      open(supply);
      CHECK(source->size() == 6);
      read_all();
      CHECK(bytes == "456789");
      CHECK(lseek(descriptor, 0, SEEK_CUR) == 4);
    }
  }

  TEST_CASE_FIXTURE(SourceFixture, "a descriptor that stands behind its file's end gives nothing") {
    const int descriptor = scratch.descriptor("file", "0123456789");
    REQUIRE(lseek(descriptor, 40, SEEK_SET) == 40);
    open(descriptor_body(descriptor, "stdin"));
    CHECK(source->size() == 0);
    read_all();
    CHECK(bytes.empty());
  }

  TEST_CASE_FIXTURE(SourceFixture, "a pipe is read as it fills, and its flags stay") {
    Pipe pipe;
    const int flags = fcntl(pipe.out.get(), F_GETFL);
    const BodySupply supply = descriptor_body(pipe.out.get(), "stdin");
    CHECK_FALSE(supply.is_repeatable);
    pipe.say("ready");
    open(supply);
    CHECK(source->size() == std::nullopt);
    read();
    CHECK(bytes == "ready");
    read();
    CHECK(is_waiting);
    loop.spin();
    CHECK(is_waiting);
    CHECK(fcntl(pipe.out.get(), F_GETFL) == flags);
    pipe.say(", late");
    loop.run_until([this] { return !is_waiting; });
    pipe.end();
    read_all();
    CHECK(bytes == "ready, late");
    source.reset();
    CHECK(fcntl(pipe.out.get(), F_GETFL) == flags);
  }

  TEST_CASE_FIXTURE(SourceFixture, "a pipe that the host watches itself can be read all the same") {
    Pipe pipe;
    uv_poll_t watched{};
    REQUIRE(uv_poll_init(loop.loop().handle(), &watched, pipe.out.get()) == 0);
    REQUIRE(uv_poll_start(&watched, UV_DISCONNECT, [](uv_poll_t*, int, int) {}) == 0);
    open(descriptor_body(pipe.out.get(), "stdin"));
    CHECK_FALSE(read_on());
    pipe.say("hello");
    pipe.end();
    read_all();
    CHECK(bytes == "hello");
    uv_close(reinterpret_cast<uv_handle_t*>(&watched), nullptr);
    loop.spin();
  }

  TEST_CASE_FIXTURE(SourceFixture, "a socket is a body too") {
    int ends[2] = {};
    REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
    const Descriptor out(ends[0]);
    Descriptor in(ends[1]);
    open(descriptor_body(out.get(), "a socket"));
    CHECK_FALSE(read_on());
    REQUIRE(write(in.get(), "hello", 5) == 5);
    in = Descriptor();
    read_all();
    CHECK(bytes == "hello");
  }

  TEST_CASE_FIXTURE(SourceFixture, "what cannot be read fails by name") {
    SUBCASE("a closed descriptor, when it is opened") {
      const Error closed = failure_to_open(descriptor_body(-1, "stdin"));
      CHECK(closed.code == Error::Code::body_source_failed);
      CHECK(closed.message == "read stdin: bad file descriptor (EBADF)");
    }
    SUBCASE("a file that was opened for writing, likewise") {
      const Descriptor file(::open(scratch.write("file", "x").c_str(), O_WRONLY | O_CLOEXEC));
      const Error deaf = failure_to_open(descriptor_body(file.get(), "output"));
      CHECK(deaf.message == "read output: bad file descriptor (EBADF)");
    }
    SUBCASE("the writing end of a pipe") {
      const Pipe pipe;
      const Error deaf = failure_to_open(descriptor_body(pipe.in.get(), "output"));
      CHECK(deaf.code == Error::Code::body_source_failed);
    }
    SUBCASE("memory where there is none, when it is read") {
      open(file_body("/proc/self/mem"));
      read_all();
      REQUIRE(error.has_value());
      CHECK(error->code == Error::Code::body_source_failed);
      CHECK(error->phase == Phase::request);
      CHECK(error->message == "read /proc/self/mem: input/output error (EIO)");
    }
  }
}

}  // namespace xtrace::body_source_test
