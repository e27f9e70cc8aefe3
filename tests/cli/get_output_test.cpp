#include <csignal>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include "get_run.h"
#include "scripted_host.h"
#include "support/scratch.h"

namespace get_output_test {

using namespace xtrace;
using namespace xtrace::testing;

namespace {

constexpr const char* kAnswer =
    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nSet-Cookie: a=hidden\r\nX-Evil: "
    "\xe2\x80\xae\r\n\r\nhello";

std::function<void(ScriptedServer&)> answering(std::string answer) {
  return [answer = std::move(answer)](ScriptedServer& server) {
    server.on_connection().expect_head().send(answer);
  };
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

/// The writing end of a pipe that nobody reads.
class ClosedPipe {
 public:
  ClosedPipe() {
    std::signal(SIGPIPE, SIG_IGN);
    int ends[2];
    REQUIRE(pipe(ends) == 0);
    close(ends[0]);
    writing_ = ends[1];
  }
  ClosedPipe(const ClosedPipe&) = delete;
  ClosedPipe& operator=(const ClosedPipe&) = delete;
  ~ClosedPipe() { close(writing_); }

  int writing() const { return writing_; }

 private:
  int writing_ = -1;
};

}  // namespace

TEST_SUITE("cli/verb_get output") {
  TEST_CASE("-o writes the body to a file, in place of what it held") {
    Scratch scratch;
    const std::string path = scratch.write("body", "something longer than the answer");
    ScriptedHost host(answering(kAnswer));
    CHECK(run({host.url("/"), "--emit", "none", "-o" + path}).code == 0);
    CHECK(scratch.read("body") == "hello");
  }

  TEST_CASE("a request that gets no response leaves the file as it was") {
    Scratch scratch;
    const std::string path = scratch.write("body", "precious");
    ScriptedHost host([](ScriptedServer& server) { server.on_connection().expect_head().close(); });
    CHECK(run({host.url("/"), "--emit", "none", "-o", path}).code == 52);
    CHECK(scratch.read("body") == "precious");
  }

  TEST_CASE("a request that gets no response leaves no file that was not there") {
    Scratch scratch;
    ScriptedHost host([](ScriptedServer& server) { server.on_connection().expect_head().close(); });
    CHECK(run({host.url("/"), "--emit", "none", "-o", scratch.path("new")}).code == 52);
    CHECK(access(scratch.path("new").c_str(), F_OK) != 0);
  }

  TEST_CASE("-o - gives stdout to the body and stderr to the report") {
    ScriptedHost host(answering(kAnswer));
    const RunResult result = run({host.url("/"), "--emit", "none", "-o", "-"});
    CHECK(result.out == "hello");
    CHECK(has(result.err, "200 OK"));
  }

  TEST_CASE("an output that cannot be written ends with 23") {
    ScriptedHost host(answering(kAnswer));
    const RunResult absent = run({host.url("/"), "--emit", "none", "-o", "/no/such/folder/file"});
    CHECK(absent.code == 23);
    CHECK(has(absent.err, "\"/no/such/folder/file\": no such file or directory (ENOENT)"));
    CHECK(host.received().empty());
    CHECK(run({host.url("/"), "--emit", "none", "-o", "/dev/full"}).code == 23);

    const int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    const RunResult unreported = run_into(full, {host.url("/"), "--emit", "none"});
    close(full);
    CHECK(unreported.code == 23);
    CHECK(unreported.err == "xtrace: cannot write the report: no space left on device (ENOSPC)\n");
  }

  TEST_CASE("a report that nobody reads changes nothing and is not complained about") {
    ScriptedHost host(answering(kAnswer));
    const ClosedPipe pipe;
    const RunResult result = run_into(pipe.writing(), {host.url("/"), "--emit", "none"});
    CHECK(result.code == 0);
    CHECK(result.err.empty());
    const RunResult failed =
        run_into(pipe.writing(), {host.url("/"), "--emit", "none", "--expect-status", "404"});
    CHECK(failed.code == 22);
  }

  TEST_CASE("a body that nobody reads ends the request quietly with 23") {
    ScriptedHost host(answering(kAnswer));
    const ClosedPipe pipe;
    const RunResult result = run_into(pipe.writing(), {host.url("/"), "--emit", "none", "-o", "-"});
    CHECK(result.code == 23);
    CHECK(result.err.empty());
  }

  TEST_CASE("-f and --expect-status judge the status and end with 22") {
    ScriptedHost host(answering("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"));
    CHECK(run({host.url("/"), "--emit", "none"}).code == 0);
    CHECK(run({host.url("/"), "--emit", "none", "-f"}).code == 22);
    CHECK(run({host.url("/"), "--emit", "none", "--expect-status", "2xx"}).code == 22);
    CHECK(run({host.url("/"), "--emit", "none", "--expect-status", "2xx,404"}).code == 0);
  }

  TEST_CASE("-v tells the conversation on stderr, secrets masked and the invisible shown") {
    ScriptedHost host(answering(kAnswer));
    const RunResult result =
        run({host.url("/p?key=hidden"), "--emit", "none", "-v", "-u", "me:hidden"});
    CHECK(has(result.err, "> GET /p?*** HTTP/1.1\n"));
    CHECK(has(result.err, "> Authorization: ***\n"));
    CHECK(has(result.err, "< HTTP/1.1 200 OK\n"));
    CHECK(has(result.err, "< Set-Cookie: ***\n"));
    CHECK(has(result.err, "connected to 127.0.0.1:"));
    CHECK_FALSE(has(result.err, "hidden"));
    CHECK_FALSE(has(result.err, "\xe2\x80\xae"));
    CHECK_FALSE(has(result.out, "> GET"));
  }

  TEST_CASE("--no-redact shows and records what was asked for") {
    ScriptedHost host(answering(kAnswer));
    FakeDaemon daemon;
    const RunResult result = run({host.url("/p?key=shown"), "--emit", "udp://" + daemon.address(),
                                  "-v", "--no-redact", "-i"});
    CHECK(has(result.err, "> GET /p?key=shown HTTP/1.1\n"));
    CHECK(has(result.err, "< Set-Cookie: a=hidden\n"));
    CHECK(has(daemon.next(), "key=shown"));
  }

  TEST_CASE("a command line without words shows the short help, wrong ones one sentence") {
    const RunResult empty = run({});
    CHECK(empty.code == 0);
    CHECK(empty.out.starts_with("xtrace - trace HTTP requests"));
    CHECK(run({"--version"}).out == run({"version"}).out);
    CHECK(run({"get", "--help"}).out == run({"help", "get"}).out);
    CHECK(run({"gte", "http://h/"}).err == "xtrace knows no verb gte; did you mean get?\n");
    CHECK(run({"completion"}).err == "xtrace completion needs a shell: bash, zsh or fish\n");
    CHECK(run({"get", "--nope", "http://h/"}).code == 2);
    CHECK(run({"ftp://h/"}).code == 3);
  }
}

}  // namespace get_output_test
