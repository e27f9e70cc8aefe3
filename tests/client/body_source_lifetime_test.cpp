#include <string>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include "source_fixture.h"

namespace xtrace::body_source_lifetime_test {

using testing::many_bytes;
using testing::Pipe;
using testing::SourceFixture;

namespace {

/// Reads, and destroys its source from inside the first answer.
void destroy_when_read(SourceFixture& fixture) {
  fixture.source->read(
      [&fixture](const Expected<std::span<const std::byte>>&) { fixture.source.reset(); });
  fixture.loop.run_until([&fixture] { return fixture.source == nullptr; });
  fixture.loop.loop().run();
}

}  // namespace

TEST_SUITE("client/body_source_lifetime") {
  TEST_CASE_FIXTURE(SourceFixture, "a source that is destroyed while a thread reads is silent") {
    const std::string path = scratch.write("file", many_bytes(2'000'000));
    SUBCASE("for its first slice") {
      open(file_body(path));
      read();
    }
    SUBCASE("ahead of what was taken") {
      open(file_body(path));
      read();
      loop.run_until([this] { return !is_waiting; });
    }
    SUBCASE("from a descriptor that its owner closes too") {
      const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
      open(descriptor_body(file.get(), "file"));
      read();
    }
    const std::string before = bytes;
    source.reset();
    loop.loop().run();
    CHECK(bytes == before);
    CHECK_FALSE(error.has_value());
  }

  TEST_CASE_FIXTURE(SourceFixture, "many that are destroyed before a thread was free are undone") {
    const BodySupply supply = file_body(scratch.write("file", many_bytes(2'000'000)));
    for (int i = 0; i < 50; ++i) {
      open(supply);
      read();
    }
    source.reset();
    loop.loop().run();
    CHECK(bytes.empty());
  }

  TEST_CASE_FIXTURE(SourceFixture, "a source may be destroyed by whom it calls") {
    SUBCASE("with a slice of a file") {
      open(file_body(scratch.write("file", many_bytes(2'000'000))));
      destroy_when_read(*this);
    }
    SUBCASE("with a small file, at once") {
      open(file_body(scratch.write("file", "small")));
      destroy_when_read(*this);
    }
    SUBCASE("with an error") {
      open(file_body("/proc/self/mem"));
      destroy_when_read(*this);
    }
    SUBCASE("with what comes through a pipe") {
      Pipe pipe;
      open(descriptor_body(pipe.out.get(), "stdin"));
      source->read([this](const Expected<std::span<const std::byte>>&) { source.reset(); });
      pipe.say("x");
      loop.run_until([this] { return source == nullptr; });
    }
    CHECK(source == nullptr);
  }

  TEST_CASE_FIXTURE(SourceFixture, "a pipe's source that is destroyed while it waits is silent") {
    Pipe pipe;
    open(descriptor_body(pipe.out.get(), "stdin"));
    read();
    pipe.say("late");
    source.reset();
    loop.spin();
    CHECK(bytes.empty());
    char rest[8] = {};
    CHECK(::read(pipe.out.get(), rest, sizeof rest) == 4);
  }
}

}  // namespace xtrace::body_source_lifetime_test
