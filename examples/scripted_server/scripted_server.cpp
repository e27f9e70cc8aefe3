#include "scripted_server/scripted_server.h"

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include "scripted_server/tls_peer.h"

namespace xtrace::examples {

namespace {

constexpr int kNoContent = 204;

ScriptedReply out_of_instructions() {
  return {.status = 400, .body = "Out of instructions"};
}

ScriptedReply hello() {
  return {.status = kNoContent, .headers = {{"Connection", "close"}}};
}

/// The value of the field in a head; empty where it is not there.
std::string find_field(std::string_view head, std::string_view name) {
  while (true) {
    const std::size_t end = head.find("\r\n");
    if (end == std::string_view::npos) return {};
    head.remove_prefix(end + 2);
    const std::string_view line = head.substr(0, head.find("\r\n"));
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || !equals_ignoring_case(line.substr(0, colon), name)) {
      continue;
    }
    const std::size_t value = line.find_first_not_of(" \t", colon + 1);
    return std::string(value == std::string_view::npos ? std::string_view() : line.substr(value));
  }
}

std::string_view reason_of(int status) {
  switch (status) {
    case 200:
      return "OK";
    case kNoContent:
      return "No Content";
    case 400:
      return "Bad Request";
    case 429:
      return "Too Many Requests";
    case 500:
      return "Internal Server Error";
    case 503:
      return "Service Unavailable";
    default:
      return "";
  }
}

std::string head_of(const ScriptedReply& reply) {
  std::string head = "HTTP/1.1 " + std::to_string(reply.status) + " ";
  head.append(reason_of(reply.status)).append("\r\n");
  for (const Header& field : reply.headers) head += field.name + ": " + field.value + "\r\n";
  if (reply.body) {
    head += "Content-Length: " + std::to_string(reply.body->size()) + "\r\n";
  } else if (reply.status != kNoContent) {
    head += "Transfer-Encoding: chunked\r\n";
  }
  return head + "\r\n";
}

bool send_body(TlsPeer& peer, const ScriptedReply& reply) {
  if (!reply.body) return reply.status == kNoContent || peer.write("0\r\n\r\n");
  if (reply.body_service_time.count() == 0 || reply.body->empty()) return peer.write(*reply.body);
  const std::chrono::microseconds pause =
      std::chrono::microseconds(reply.body_service_time) / reply.body->size();
  for (const char& byte : *reply.body) {
    if (!peer.pause(pause) || !peer.write({&byte, 1})) return false;
  }
  return true;
}

bool send_reply(TlsPeer& peer, const ScriptedReply& reply) {
  return peer.pause(reply.header_delay) && peer.write(head_of(reply)) &&
         peer.pause(reply.body_delay) && send_body(peer, reply);
}

Error failed(std::string_view deed) {
  return {Error::Code::system, Phase::none,
          std::string(deed) + ": " + std::generic_category().message(errno)};
}

}  // namespace

Expected<std::unique_ptr<ScriptedServer>> ScriptedServer::start(std::vector<ScriptedReply> script) {
  auto identity = TlsIdentity::make();
  if (const auto* error = identity.if_error()) return *error;
  std::unique_ptr<ScriptedServer> server(
      new ScriptedServer(std::move(script), std::move(identity).value()));
  const auto listening = server->listen();
  if (const auto* error = listening.if_error()) return *error;
  server->accepting_ = std::thread([own = server.get()] { own->accept_all(); });
  return server;
}

ScriptedServer::ScriptedServer(std::vector<ScriptedReply> script,
                               std::unique_ptr<TlsIdentity> identity)
    : script_(std::move(script)), identity_(std::move(identity)) {}

ScriptedServer::~ScriptedServer() {
  if (!accepting_.joinable()) return;
  eventfd_write(ending_.get(), 1);
  accepting_.join();
  for (std::thread& thread : serving_) thread.join();
}

std::string ScriptedServer::url(std::string_view path) const {
  return "https://127.0.0.1:" + std::to_string(port_) + std::string(path);
}

std::vector<ReceivedRequest> ScriptedServer::received() const {
  const std::lock_guard lock(mutex_);
  return received_;
}

Expected<void> ScriptedServer::listen() {
  ending_ = Descriptor(eventfd(0, EFD_CLOEXEC));
  if (!ending_.is_open()) return failed("make an eventfd");
  listener_ = Descriptor(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!listener_.is_open()) return failed("make a socket");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (bind(listener_.get(), generic, size) != 0 || ::listen(listener_.get(), SOMAXCONN) != 0 ||
      getsockname(listener_.get(), generic, &size) != 0) {
    return failed("listen on 127.0.0.1");
  }
  port_ = ntohs(address.sin_port);
  return {};
}

void ScriptedServer::accept_all() {
  int connections = 0;
  while (true) {
    std::array<pollfd, 2> watched = {pollfd{.fd = listener_.get(), .events = POLLIN, .revents = 0},
                                     pollfd{.fd = ending_.get(), .events = POLLIN, .revents = 0}};
    if (poll(watched.data(), watched.size(), -1) < 0 && errno != EINTR) return;
    if (watched[1].revents != 0) return;
    Descriptor accepted(accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!accepted.is_open()) continue;
    const int on = 1;
    setsockopt(accepted.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    ++connections;
    serving_.emplace_back([this, connections, socket = std::move(accepted)]() mutable {
      serve(std::move(socket), connections);
    });
  }
}

void ScriptedServer::serve(Descriptor socket, int connection) {
  TlsPeer peer(std::move(socket), *identity_, ending_.get());
  if (!peer.shake_hands()) return;
  while (true) {
    const auto head = peer.read_head();
    if (!head) return;
    if (head->starts_with("GET /hello ")) {
      send_reply(peer, hello());
      return;
    }
    if (!send_reply(peer, take_reply(connection, *head))) return;
  }
}

ScriptedReply ScriptedServer::take_reply(int connection, std::string_view head) {
  const std::lock_guard lock(mutex_);
  const std::size_t turn = received_.size();
  received_.push_back({.connection = connection,
                       .request_line = std::string(head.substr(0, head.find("\r\n"))),
                       .trace_header = find_field(head, "X-Amzn-Trace-Id")});
  return turn < script_.size() ? script_[turn] : out_of_instructions();
}

}  // namespace xtrace::examples
