#include "get_run.h"

#include <array>
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cli/verbs.h"
#include "command_line.h"
#include "support/scratch.h"

namespace xtrace::testing {

namespace {

RunResult run_with(cli::Process& process, Scratch& scratch, std::span<const std::string_view> words,
                   std::map<std::string, std::string> variables, std::string_view input = {}) {
  std::vector<std::string> list;
  process.in = scratch.descriptor("in", input);
  process.err = scratch.descriptor("err");
  for (const auto& [name, value] : variables) list.push_back(name + "=" + value);
  process.variables = [list = std::move(list)] { return list; };
  process.environment = environment(std::move(variables));
  RunResult result;
  result.code = cli::run_command_line(words, process);
  result.out = scratch.read("out");
  result.err = scratch.read("err");
  return result;
}

}  // namespace

RunResult run(std::initializer_list<std::string_view> words,
              std::map<std::string, std::string> variables) {
  return run_words({words.begin(), words.size()}, std::move(variables));
}

RunResult run_words(std::span<const std::string_view> words,
                    std::map<std::string, std::string> variables) {
  Scratch scratch;
  cli::Process process;
  process.out = scratch.descriptor("out");
  return run_with(process, scratch, words, std::move(variables));
}

RunResult run_with_input(std::string_view input, std::initializer_list<std::string_view> words,
                         std::map<std::string, std::string> variables) {
  Scratch scratch;
  cli::Process process;
  process.out = scratch.descriptor("out");
  return run_with(process, scratch, {words.begin(), words.size()}, std::move(variables), input);
}

RunResult run_into(int out, std::initializer_list<std::string_view> words,
                   std::map<std::string, std::string> variables) {
  Scratch scratch;
  cli::Process process;
  process.out = out;
  return run_with(process, scratch, {words.begin(), words.size()}, std::move(variables));
}

FakeDaemon::FakeDaemon() : descriptor_(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  REQUIRE(bind(descriptor_, generic, length) == 0);
  REQUIRE(getsockname(descriptor_, generic, &length) == 0);
  port_ = ntohs(address.sin_port);
}

FakeDaemon::~FakeDaemon() {
  leave();
}

std::string FakeDaemon::address() const {
  return "127.0.0.1:" + std::to_string(port_);
}

void FakeDaemon::leave() {
  if (descriptor_ >= 0) close(std::exchange(descriptor_, -1));
}

std::string FakeDaemon::next() {
  std::string datagram(65536, '\0');
  const ssize_t got = recv(descriptor_, datagram.data(), datagram.size(), MSG_DONTWAIT);
  datagram.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return datagram;
}

nlohmann::json FakeDaemon::next_document() {
  const std::string datagram = next();
  constexpr std::string_view kHeader = "{\"format\":\"json\",\"version\":1}\n";
  REQUIRE(datagram.starts_with(kHeader));
  const auto document = nlohmann::json::parse(datagram.substr(kHeader.size()), nullptr, false);
  REQUIRE(document.is_object());
  return document;
}

}  // namespace xtrace::testing
