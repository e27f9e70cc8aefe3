// The whole of it on one machine: a target, a stand-in for the X-Ray daemon, the archiver and the
// fetcher as processes of their own, and their command lines.
//
//     tools/run demo microservices [--verbose]

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include <unistd.h>

#include "cli/terminal.h"
#include "microservices/child.h"
#include "microservices/daemon_stand_in.h"
#include "microservices/flags.h"
#include "microservices/local_target.h"
#include "microservices/tale.h"
#include "microservices/trace_picture.h"
#include "stage/daemon_log.h"

namespace {

using namespace std::chrono_literals;
using namespace xtrace::examples;
using xtrace::Error;
using xtrace::Expected;

constexpr xtrace::Duration kPatience = 20s;  // with what takes milliseconds, on a busy machine too

constexpr std::array<FlagSpec, 1> kFlags = {{{"verbose", "", "", "show the services' logs"}}};
constexpr ProgramSyntax kSyntax = {
    .name = "microservices",
    .summary = "Runs the fetcher and the archiver, fetches, and draws the traces.",
    .flags = kFlags};

/// The programs beside this one.
std::string path_of(const char* program) {
  std::error_code failure;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", failure);
  return (self.parent_path() / program).string();
}

struct Stage {
  std::unique_ptr<LocalTarget> target{};
  std::unique_ptr<DaemonStandIn> daemon{};
  std::unique_ptr<Child> archiver{};
  std::unique_ptr<Child> fetcher{};
  Cast cast{};
};

/// A daemon that is named gets everything too: `xtrace listen`, or the real one.
Expected<std::optional<xtrace::DaemonEndpoint>> find_beyond() {
  const char* const address = std::getenv("AWS_XRAY_DAEMON_ADDRESS");
  if (address == nullptr || *address == '\0') return std::optional<xtrace::DaemonEndpoint>();
  const auto daemon = find_daemon();
  if (const auto* error = daemon.if_error()) return *error;
  return std::optional(daemon->udp);
}

/// Starts a service and returns the address that it says it listens on.
Expected<std::string> start_service(std::unique_ptr<Child>& place, Child::Command command) {
  auto child = Child::start(std::move(command));
  if (const auto* error = child.if_error()) return *error;
  place = std::move(child).value();
  return place->wait_for(" listens on http://", kPatience);
}

Expected<Stage> set_stage(bool is_verbose) {
  Stage stage;
  auto target = LocalTarget::start();
  if (const auto* error = target.if_error()) return *error;
  stage.target = std::move(target).value();
  const auto beyond = find_beyond();
  if (const auto* error = beyond.if_error()) return *error;
  auto daemon = DaemonStandIn::start(*beyond);
  if (const auto* error = daemon.if_error()) return *error;
  stage.daemon = std::move(daemon).value();
  const std::string& where = stage.daemon->address();
  auto archiver = start_service(
      stage.archiver, {path_of("archiver"), {"-l", "127.0.0.1:0", "-d", where}, is_verbose});
  if (const auto* error = archiver.if_error()) return *error;
  stage.cast.archiver = *archiver;
  auto fetcher = start_service(stage.fetcher, {path_of("fetcher"),
                                               {"-l", "127.0.0.1:0", "-d", where, "-a", *archiver,
                                                "--target-timeout", "300ms"},
                                               is_verbose});
  if (const auto* error = fetcher.if_error()) return *error;
  stage.cast.fetcher = *fetcher;
  return stage;
}

struct Said {
  int code = 0;
  std::string out{};
  std::string trace_id{};
};

/// Runs one of the command lines to its end.
Expected<Said> ask(const Stage& stage, const char* program, std::vector<std::string> words) {
  std::printf("$ %s", program);
  for (const std::string& word : words) std::printf(" %s", word.c_str());
  std::printf("\n");
  const bool is_fetcher = std::string_view(program) == "fetcher-cli";
  words.insert(words.end(), {"-H", is_fetcher ? stage.cast.fetcher : stage.cast.archiver, "-d",
                             stage.daemon->address()});
  auto child = Child::start({path_of(program), std::move(words), false});
  if (const auto* error = child.if_error()) return *error;
  const auto code = (*child)->wait(kPatience);
  if (const auto* error = code.if_error()) return *error;
  Said said{.code = *code, .out = (*child)->out()};
  constexpr std::string_view kMark = ": trace ";
  const std::string& err = (*child)->err();
  const std::size_t at = err.find(kMark);
  if (at != std::string::npos) {
    said.trace_id = err.substr(at + kMark.size(), err.find(',', at) - at - kMark.size());
  }
  std::fputs(said.out.c_str(), stdout);
  return said;
}

xtrace::cli::Style style_of_stdout() {
  using namespace xtrace::cli;
  const Environment environment = [](const char* name) { return std::getenv(name); };
  return make_style(inspect_terminal(STDOUT_FILENO), ColorChoice::automatic, environment);
}

/// Says which promises were broken, and whether none was.
bool report(const std::string& title, const std::vector<std::string>& broken) {
  std::fflush(stdout);
  for (const std::string& sentence : broken) {
    std::fprintf(stderr, "microservices: %s: %s\n", title.c_str(), sentence.c_str());
  }
  return broken.empty();
}

Expected<bool> tell(const Stage& stage, const Tale& tale) {
  std::printf("-- %s\n", tale.title.c_str());
  const auto said = ask(stage, "fetcher-cli", {"fetch", "fetcher", "/fetch/" + tale.url});
  if (const auto* error = said.if_error()) return *error;
  if (said->trace_id.empty()) return report(tale.title, {"fetcher-cli should have begun a trace"});
  const TraceTree tree = stage.daemon->wait_for(said->trace_id, tale.segments(), kPatience);
  std::printf("\n%s\n", draw_trace(tree, style_of_stdout()).c_str());
  std::vector<std::string> broken = find_broken_promises(tale, stage.cast, tree);
  constexpr int kUnwanted = 22;
  const int expected = tale.status < 400 ? 0 : kUnwanted;
  if (said->code != expected) {
    broken.push_back("fetcher-cli should end with " + std::to_string(expected) +
                     ", and ended with " + std::to_string(said->code));
  }
  return report(tale.title, broken);
}

std::vector<Tale> make_tales(const LocalTarget& target) {
  const std::string base = "http://" + target.authority();
  const std::string refused = "http://" + target.refused_authority() + "/";
  return {
      {"a target that answers", base + "/ok", 200, 200, ""},
      {"a target that has failed: its answer is archived as it is", base + "/500", 200, 500, ""},
      {"a target where nobody listens", refused, 400, 0, "connect_refused"},
      {"a target that takes longer than the 300ms it is given", base + "/slow", 400, 0,
       "call_timeout"},
      {"a target with 2 MiB to say, where 1 MiB is taken", base + "/huge", 400, 0,
       "body_too_large"}};
}

Expected<bool> read_back(const Stage& stage) {
  std::printf("-- what was archived, read back\n");
  const auto said = ask(stage, "archiver-cli", {"read", "archiver", "/archive/1"});
  if (const auto* error = said.if_error()) return *error;
  std::vector<std::string> broken;
  if (said->code != 0 || said->out.find("Hello from the target.") == std::string::npos) {
    broken.emplace_back("/archive/1 should be what the first target said");
  }
  return report("reading back", broken);
}

/// Both close in order when they are asked to.
Expected<bool> close(const Stage& stage) {
  std::vector<std::string> broken;
  for (Child* child : {stage.fetcher.get(), stage.archiver.get()}) {
    child->ask_to_end();
    const auto code = child->wait(kPatience);
    if (const auto* error = code.if_error()) return *error;
    if (*code != 0) broken.push_back("a service should end with 0, not " + std::to_string(*code));
  }
  return report("closing", broken);
}

Expected<int> run(const Flags& flags) {
  const auto stage = set_stage(flags.has("verbose"));
  if (const auto* error = stage.if_error()) return *error;
  std::printf("archiver  http://%s\nfetcher   http://%s\ntarget    http://%s\n\n",
              stage->cast.archiver.c_str(), stage->cast.fetcher.c_str(),
              stage->target->authority().c_str());
  bool is_kept = true;
  for (const Tale& tale : make_tales(*stage->target)) {
    const auto told = tell(*stage, tale);
    if (const auto* error = told.if_error()) return *error;
    is_kept = is_kept && *told;
  }
  for (const auto& deed : {read_back, close}) {
    const auto done = deed(*stage);
    if (const auto* error = done.if_error()) return *error;
    is_kept = is_kept && *done;
  }
  return is_kept ? 0 : 1;
}

}  // namespace

int main(int count, char** words) {
  return run_program(kSyntax, count, words, run);
}
