#include "microservices/local_target.h"

#include <cerrno>
#include <future>
#include <optional>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "base/system_reason.h"

namespace xtrace::examples {

Expected<std::unique_ptr<LocalTarget>> LocalTarget::start() {
  std::unique_ptr<LocalTarget> target(new LocalTarget);
  const auto silent = target->take_silent_port();
  if (const auto* error = silent.if_error()) return *error;
  const auto listening = target->listen();
  if (const auto* error = listening.if_error()) return *error;
  return target;
}

LocalTarget::~LocalTarget() {
  run_there([this] { server_.reset(); });
}

Expected<void> LocalTarget::listen() {
  std::optional<Error> refused;
  run_there([this, &refused] {
    auto server = HttpServer::listen(thread_.loop(), {},
                                     [this](ServerCall call) { answer(std::move(call)); });
    if (const auto* error = server.if_error()) {
      refused = *error;
      return;
    }
    server_ = std::move(server).value();
    port_ = server_->address().port();
  });
  if (refused) return *std::move(refused);
  return {};
}

Expected<void> LocalTarget::take_silent_port() {
  silent_ = Descriptor(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (bind(silent_.get(), generic, length) != 0 ||
      getsockname(silent_.get(), generic, &length) != 0) {
    return Error{Error::Code::system, Phase::none, "bind a port: " + system_reason(errno)};
  }
  refused_port_ = ntohs(address.sin_port);
  return {};
}

void LocalTarget::answer(ServerCall call) {
  const std::string_view path = call.request().path;
  if (path == "/ok") return call.respond(200, "text/plain", "Hello from the target.\n");
  if (path == "/500") return call.respond(500, "text/plain", "The target has failed.\n");
  if (path == "/slow") {
    const auto place = held_.insert(held_.end(), std::move(call));
    return place->on_end([this, place](const ServerEnd&) { held_.erase(place); });
  }
  constexpr std::size_t kHuge = std::size_t{2} * 1024 * 1024;
  if (path == "/huge") return call.respond(200, "text/plain", std::string(kHuge, 'x'));
  call.respond(404, "text/plain", "There is no such page.\n");
}

void LocalTarget::run_there(Callback<void()> task) {
  std::promise<void> done;
  thread_.loop().post([&done, task = std::move(task)]() mutable {
    task();
    done.set_value();
  });
  done.get_future().wait();
}

}  // namespace xtrace::examples
