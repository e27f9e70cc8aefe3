#include "support/tls_openssl.h"

#include <charconv>
#include <csignal>
#include <cstdint>
#include <utility>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace xtrace::testing {

namespace {

constexpr int kPatienceMilliseconds = 5000;

struct Ends {
  int input;
  int output;
};

pid_t spawn(std::vector<std::string> arguments, const Ends& ends, const std::string& errors) {
  std::vector<char*> pointers;
  pointers.reserve(arguments.size() + 1);
  for (auto& argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends.input, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, ends.output, STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, errors.c_str(), O_WRONLY | O_CREAT,
                                   0600);
  pid_t process = 0;
  const int failed =
      posix_spawnp(&process, pointers[0], &actions, nullptr, pointers.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  REQUIRE_MESSAGE(failed == 0, "openssl cannot be started");
  return process;
}

}  // namespace

OpensslServer::OpensslServer(const OpensslServerOptions& options) {
  std::vector<std::string> arguments = {"openssl",
                                        "s_server",
                                        "-www",
                                        "-accept",
                                        "127.0.0.1:0",
                                        "-cert",
                                        folder_.write("certificate", options.identity.certificate),
                                        "-key",
                                        folder_.write("key", options.identity.key),
                                        "-keylogfile",
                                        folder_.path("keys")};
  if (!options.client_ca.empty()) {
    const std::string ca = folder_.write("client_ca", options.client_ca);
    arguments.insert(arguments.end(), {"-Verify", "1", "-verify_return_error", "-CAfile", ca});
  }
  arguments.insert(arguments.end(), options.arguments.begin(), options.arguments.end());
  start(std::move(arguments));

  constexpr std::string_view kAccept = "ACCEPT 127.0.0.1:";
  std::string line = read_line();
  while (!line.starts_with(kAccept)) line = read_line();
  std::uint16_t port = 0;
  std::from_chars(line.data() + kAccept.size(), line.data() + line.size(), port);
  REQUIRE(port != 0);
  address_ = Address::from_ipv4({127, 0, 0, 1}, port);
}

OpensslServer::~OpensslServer() {
  kill(process_, SIGKILL);
  waitpid(process_, nullptr, 0);
}

void OpensslServer::start(std::vector<std::string> arguments) {
  int ends[2];
  REQUIRE(pipe2(ends, O_CLOEXEC) == 0);
  output_ = Descriptor(ends[0]);
  const Descriptor childs(ends[1]);
  const Descriptor nothing(open("/dev/null", O_RDONLY | O_CLOEXEC));
  process_ = spawn(std::move(arguments), {nothing.get(), childs.get()}, folder_.path("errors"));
}

std::string OpensslServer::read_line() {
  std::string line;
  char next = '\0';
  while (next != '\n') {
    pollfd ready = {.fd = output_.get(), .events = POLLIN, .revents = 0};
    REQUIRE(poll(&ready, 1, kPatienceMilliseconds) == 1);
    const bool is_there = read(output_.get(), &next, 1) == 1;
    REQUIRE_MESSAGE(is_there, "openssl s_server ended: " << folder_.read("errors"));
    line += next;
  }
  line.pop_back();
  return line;
}

OpensslClient::OpensslClient(const Address& server, const std::vector<std::string>& arguments) {
  int ends[2];
  REQUIRE(pipe2(ends, O_CLOEXEC) == 0);
  const Descriptor childs(ends[0]);
  input_ = Descriptor(ends[1]);
  std::vector<std::string> all = {"openssl", "s_client", "-connect", server.to_string()};
  all.insert(all.end(), arguments.begin(), arguments.end());
  process_ =
      spawn(std::move(all), {childs.get(), folder_.descriptor("output")}, folder_.path("errors"));
}

OpensslClient::~OpensslClient() {
  if (process_ == 0) return;
  kill(process_, SIGKILL);
  waitpid(process_, nullptr, 0);
}

void OpensslClient::type(std::string_view text) {
  REQUIRE(write(input_.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()));
}

std::string OpensslClient::wait() {
  REQUIRE(waitpid(process_, nullptr, 0) == process_);
  process_ = 0;
  return folder_.read("output") + folder_.read("errors");
}

}  // namespace xtrace::testing
