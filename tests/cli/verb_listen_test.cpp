#include "cli/verb_listen.h"

#include <array>
#include <chrono>
#include <span>
#include <string>
#include <string_view>
#include <thread>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <xtrace/daemon_address.h>
#include <xtrace/udp_emitter.h>

#include "cli/listen_address.h"
#include "cli/listen_refusals.h"
#include "cli/listen_words.h"
#include "cli/verbs.h"
#include "command_line.h"
#include "get_run.h"
#include "support/scratch.h"

namespace verb_listen_test {

using namespace xtrace;
using namespace xtrace::testing;
using namespace xtrace::cli;

namespace {

constexpr std::string_view kTrace = R"("trace_id":"1-65a0b1c2-0123456789abcdef01234567")";

std::string document(std::string_view members) {
  return "{" + std::string(kTrace) + R"(,"id":"00000000000000a1",)" + std::string(members) + "}";
}

const std::string kWhole =
    document(R"("name":"orders","start_time":1705030082,"end_time":1705030083)");

Expected<ListenOptions> read(std::vector<std::string_view> words) {
  const auto flags = parse_flags(kListenSyntax, words);
  if (const Error* error = flags.if_error()) return *error;
  return read_listen_options(*flags);
}

std::string refusal(std::vector<std::string_view> words) {
  const auto options = read(std::move(words));
  const Error* error = options.if_error();
  return error == nullptr ? "" : error->message;
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

/// Runs it on free ports for as long as its flags say.
RunResult listen(std::vector<std::string_view> flags) {
  std::vector<std::string_view> words = {"listen", "--udp", "0", "--tcp", "0", "--web", "none"};
  words.insert(words.end(), flags.begin(), flags.end());
  return run_words(words);
}

}  // namespace

TEST_SUITE("cli/verb_listen") {
  TEST_CASE("a port is on this machine, and other addresses are those that are written") {
    CHECK((*parse_listen_address("2000"))->to_string() == "127.0.0.1:2000");
    CHECK((*parse_listen_address(":0"))->to_string() == "127.0.0.1:0");
    CHECK((*parse_listen_address("localhost:81"))->to_string() == "127.0.0.1:81");
    CHECK((*parse_listen_address("0.0.0.0:2000"))->to_string() == "0.0.0.0:2000");
    CHECK((*parse_listen_address("[::1]:2000"))->to_string() == "[::1]:2000");
    CHECK_FALSE(parse_listen_address("none")->has_value());
    CHECK_FALSE(parse_listen_address("off")->has_value());
    for (const char* text :
         {"", "x", "70000", "1.2.3.4", "host:2000", "::1:2000", "2000 ", "*:1"}) {
      CAPTURE(text);
      CHECK_FALSE(parse_listen_address(text));
    }
  }

  TEST_CASE("a size has a unit of thousands, or of 1024 where it says so") {
    CHECK(*parse_size("512MB") == 512'000'000);
    CHECK(*parse_size("1.5gb") == 1'500'000'000);
    CHECK(*parse_size("64MiB") == 64U * 1024 * 1024);
    CHECK(*parse_size("4096") == 4096);
    for (const char* text : {"", "MB", "-1MB", "0", "5XB", "1e9", "9999999GB", "5 MB"}) {
      CAPTURE(text);
      CHECK_FALSE(parse_size(text));
    }
  }

  TEST_CASE("the flags say where, what, and for how long") {
    const auto options =
        read({"--udp",    "3000",  "--tcp",    "none", "--max-traces", "7", "--max-memory", "1MB",
              "--save",   "a",     "--load",   "b",    "--load",       "c", "--format",     "jsonl",
              "--filter", "fault", "--expect", "3",    "--timeout",    "2m"});
    REQUIRE(options);
    CHECK(options->collector.udp->port() == 3000);
    CHECK_FALSE(options->collector.tcp);
    CHECK(options->collector.web->port() == 2080);
    CHECK(options->collector.limits.traces == 7);
    CHECK(options->collector.limits.bytes == 1'000'000);
    CHECK(options->collector.save_path == "a");
    CHECK(options->loads == std::vector<std::string>{"b", "c"});
    CHECK(options->format == ListenOptions::Format::jsonl);
    CHECK_FALSE(options->filter.takes_all());
    CHECK(options->expected == 3);
    CHECK(options->limit == std::chrono::minutes(2));
  }

  TEST_CASE("what makes no sense is refused in a sentence that names the flag") {
    CHECK(refusal({"--udp", "x"}).starts_with("xtrace listen --udp: it is not a port, "));
    CHECK(refusal({"--expect", "0"}).starts_with("xtrace listen --expect: it is not a number "));
    CHECK(refusal({"--filter", "fault AND"}).starts_with("xtrace listen --filter: column "));
    CHECK(refusal({"--format", "xml"}) ==
          "xtrace listen --format: \"xml\" is not one of pretty, jsonl or none");
    CHECK(refusal({"--udp", "off", "--tcp", "off", "--web", "off"}).find("needs an address") !=
          std::string::npos);
    CHECK(refusal({"x"}) == "xtrace listen takes flags only, and no other word");
  }

  TEST_CASE("it names the addresses that it has, and ends with 0 when its time is over") {
    const RunResult result = listen({"--timeout", "1ms"});
    CHECK(result.code == 0);
    CHECK(result.out.empty());
    CHECK(result.err.starts_with("listening  udp 127.0.0.1:"));
    CHECK(has(result.err, "  tcp 127.0.0.1:"));
    CHECK_FALSE(has(result.err, "page"));
    CHECK(has(result.err, "\n0 traces, 0 faults; 0 documents, 0 dropped\n"));
    CHECK(listen({"--timeout", "1ms", "--silent"}).err.empty());
  }

  TEST_CASE("what could not be saved is told, and makes 23") {
    FakeDaemon place;
    const std::string address = place.address();
    place.leave();
    std::jthread sender([&address](const std::stop_token& stop) {
      const auto emitter = make_udp_emitter(parse_daemon_address(address)->udp, {});
      while (!stop.stop_requested()) {
        emitter->emit(std::span(&kWhole, 1));
        emitter->flush();
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
      }
    });
    const std::array<std::string_view, 11> words = {"listen", "--udp",  address,    "--tcp",
                                                    "none",   "--web",  "none",     "--timeout",
                                                    "500ms",  "--save", "/dev/full"};
    const RunResult result = run_words(words);
    CHECK(result.code == 23);
    CHECK(has(result.err, " not saved: "));
  }

  TEST_CASE("nobody has to read stderr") {
    Scratch scratch;
    std::array<int, 2> ends{};
    REQUIRE(pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) == 0);
    const std::string page(4096, 'x');
    while (write(ends[1], page.data(), page.size()) > 0) continue;
    fcntl(ends[1], F_SETFL, 0);
    Process process;
    process.in = scratch.descriptor("in");
    process.out = scratch.descriptor("out");
    process.err = ends[1];
    process.environment = environment({});
    process.variables = [] { return std::vector<std::string>(); };
    const std::array<std::string_view, 9> words = {"listen", "--udp", "0",         "--tcp", "0",
                                                   "--web",  "none",  "--timeout", "1ms"};
    CHECK(run_command_line(words, process) == 0);
    close(ends[0]);
    close(ends[1]);
  }

  TEST_CASE("an expectation that is not met is 1, with what came and what is missing") {
    const RunResult nothing = listen({"--timeout", "1ms", "--expect", "2"});
    CHECK(nothing.code == 1);
    CHECK(has(nothing.err, "xtrace: 0 of 2 traces came and are complete\n"));
    CHECK(has(nothing.err, "xtrace: no document came at all\n"));
    Scratch scratch;
    const std::string path =
        scratch.write("open", document(R"("name":"web","start_time":1,"in_progress":true)"));
    const RunResult open = listen({"--timeout", "1ms", "--expect", "1", "--load", path});
    CHECK(open.code == 1);
    CHECK(has(open.err,
              "1-65a0b1c2-0123456789abcdef01234567 is not complete: \"web\" is in "
              "progress\n"));
  }

  TEST_CASE("files are loaded, and are no news") {
    Scratch scratch;
    const std::string path = scratch.write("saved", kWhole + "\nnonsense\n");
    const RunResult result = listen({"--timeout", "1ms", "--load", path, "--format", "jsonl"});
    CHECK(result.code == 0);
    CHECK(result.out.empty());
    CHECK(has(result.err, "xtrace: " + path + ": line 2: "));
    CHECK(has(result.err, "xtrace: loaded 1 document\n"));
    const RunResult missing = listen({"--load", path + ".none"});
    CHECK(missing.code == 2);
    CHECK(has(missing.err, "xtrace: cannot read " + path + ".none: no such file or directory"));
    CHECK_FALSE(has(missing.err, "0 traces"));
    std::string noise;
    for (int i = 0; i < 30; ++i) noise += "nonsense\n";
    const std::string noisy = scratch.write("noisy", noise);
    const RunResult told = listen({"--timeout", "1ms", "--load", noisy});
    CHECK(has(told.err, noisy + ": line 20: "));
    CHECK_FALSE(has(told.err, "line 21: "));
    CHECK(has(told.err, "xtrace: " + noisy + ": and 10 more such lines\n"));
  }

  TEST_CASE("an address that is taken is 69, and who has it is told") {
    const FakeDaemon holder;
    const std::string address = holder.address();
    const RunResult result = run({"listen", "--udp", address, "--tcp", "none", "--web", "none"});
    CHECK(result.code == 69);
    CHECK(has(result.err, address));
    CHECK(has(result.err, "in use"));
    CHECK(has(result.err, "cli_tests (pid "));
  }

  TEST_CASE("losses are told one by one, each with its number") {
    collect::CollectorStats stats;
    CHECK(loss_lines(stats).empty());
    stats.udp.kernel_drops = 12;
    stats.udp.socket_buffer = 425984;
    stats.udp.rejected_header = 1;
    stats.store.refused = {{"InvalidTraceId", 1}, {"MissingName", 3}};
    stats.store.evicted_traces = 20;
    stats.journal = collect::JournalStats{.documents = 1, .bytes = 1, .lost = 5, .reason = "full"};
    const std::vector<std::string> lines = loss_lines(stats);
    REQUIRE(lines.size() == 5);
    CHECK(lines[0].starts_with("12 datagrams were lost in the socket's buffer of 426.0 kB"));
    CHECK(lines[1].starts_with("1 datagram was passed over"));
    CHECK(lines[2] == "4 documents would be refused by X-Ray: 1 InvalidTraceId, 3 MissingName");
    CHECK(lines[3].starts_with("20 traces were forgotten"));
    CHECK(lines[4] == "5 documents were not saved: full");
    stats.store.evicted_traces = 0;
    stats.store.evicted_documents = 7;
    CHECK(loss_lines(stats)[3] ==
          "7 documents were forgotten of a trace that is too large (--max-memory)");
    ListenTally tally;
    tally.add({.error = true, .throttle = true});
    tally.add({.error = true});
    tally.add({.fault = true});
    tally.add({});
    CHECK(summary_line(tally, stats) ==
          "4 traces, 1 fault, 1 error, 1 throttled; 0 documents, 12 dropped");
  }

  TEST_CASE("five refusals a second are told in full and the others are counted") {
    TimePoint present = now();
    std::vector<std::string> told;
    ListenRefusals refusals([&present] { return present; },
                            [&told](const std::string& sentence) { told.push_back(sentence); });
    collect::TraceStore store(collect::StoreLimits{});
    for (int i = 0; i < 8; ++i) {
      static_cast<void>(store.add("nonsense", collect::Door::udp, present.wall));
    }
    refusals.look(store);
    CHECK(told.size() == 5);
    CHECK(has(told.front(), "(ParseError)"));
    present.tick += std::chrono::seconds(1);
    refusals.look(store);
    REQUIRE(told.size() == 6);
    CHECK(told.back() == "and 3 more documents");
    static_cast<void>(store.add(document(R"("name":"x")"), collect::Door::tcp, present.wall));
    store.visit_newest([&refusals](const collect::StoredTrace& trace) {
      refusals.take(trace);
      refusals.take(trace);
      return true;
    });
    REQUIRE(told.size() == 7);
    CHECK(told.back().ends_with(", of trace 01234567"));
  }
}

}  // namespace verb_listen_test
