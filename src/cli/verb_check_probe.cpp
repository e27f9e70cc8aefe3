#include "cli/verb_check_probe.h"

#include <cerrno>
#include <utility>

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/system_reason.h"
#include "instrument/daemon_proxy.h"
#include "xray/central_rules.h"
#include "xray/connect_udp.h"

namespace xtrace::cli {

namespace {

using State = UdpFinding::State;

constexpr int kRefusalWait = 200;  // milliseconds
constexpr int kMostPages = 20;

/// What the socket has been told about its peer; 0 is nothing.
int pending_error(int descriptor) {
  int error = 0;
  socklen_t size = sizeof error;
  return getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno;
}

/// The reason why a datagram of no bytes does not arrive, as far as it gets back here; else 0.
int send_nothing(int descriptor) {
  if (send(descriptor, "", 0, MSG_NOSIGNAL) < 0) return errno;
  if (!answers_at_once(descriptor)) {
    pollfd watched{.fd = descriptor, .events = POLLIN, .revents = 0};
    while (poll(&watched, 1, kRefusalWait) < 0 && errno == EINTR) continue;
  }
  return pending_error(descriptor);
}

UdpFinding ask_socket(int descriptor) {
  UdpFinding finding;
  ReceiverProbe probe(descriptor);
  finding.is_local = probe.is_local();
  ReceiverRoom room;
  if (probe.ask(room) == ReceiverProbe::Answer::room) {
    finding.state = State::listening;
    finding.room = room;
    return finding;
  }
  const int problem = send_nothing(descriptor);
  if (problem == ECONNREFUSED) {
    finding.state = State::refused;
  } else if (problem != 0) {
    finding.reason = system_reason(problem);
  } else {
    finding.state = State::silent;
  }
  return finding;
}

/// Asks page after page.
class RulesQuestion {
 public:
  RulesQuestion(Loop& loop, const DaemonEndpoint& endpoint, Duration limit)
      : proxy_(loop, endpoint, {.total = limit}) {}

  void ask(std::string_view token) {
    proxy_.post(kSamplingRulesPath, write_rules_request(token),
                [this](Expected<std::string> reply) { take(std::move(reply)); });
  }
  bool is_done() const { return is_done_; }
  TcpFinding finding() const { return finding_; }

 private:
  void take(Expected<std::string> reply) {
    is_done_ = true;
    if (const auto* error = reply.if_error()) {
      finding_.error = *error;
      return;
    }
    auto page = parse_rules_reply(*reply);
    if (const auto* error = page.if_error()) {
      finding_.error = *error;
      return;
    }
    finding_.rules += page->rules.size();
    finding_.ignored_rules += page->ignored.size();
    if (page->next_token.empty() || ++pages_ == kMostPages) return;
    is_done_ = false;
    ask(page->next_token);
  }

  TcpFinding finding_;
  int pages_ = 0;
  bool is_done_ = false;
  DaemonProxy proxy_;
};

}  // namespace

UdpFinding probe_udp(const DaemonEndpoint& endpoint) {
  UdpFinding finding;
  const auto addresses = look_up_host(endpoint);
  if (const auto* error = addresses.if_error()) {
    finding.reason = error->message;
    return finding;
  }
  const UdpAddress& address = addresses->front();
  const auto descriptor = connect_udp(endpoint, address);
  if (const auto* error = descriptor.if_error()) {
    finding.reason = error->message;
    return finding;
  }
  finding = ask_socket(*descriptor);
  finding.address = address.to_string();
  close(*descriptor);
  return finding;
}

TcpFinding probe_tcp(Loop& loop, const DaemonEndpoint& endpoint, Duration limit) {
  RulesQuestion question(loop, endpoint, limit);
  const Tick started = now().tick;
  question.ask({});
  loop.run_until([&question] { return question.is_done(); }, limit * 2);
  TcpFinding finding = question.finding();
  finding.took = now().tick - started;
  if (!question.is_done()) {
    finding.error = Error{Error::Code::call_timeout, Phase::none, "the answer took too long"};
  }
  return finding;
}

}  // namespace xtrace::cli
