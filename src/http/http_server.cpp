#include <utility>

#include <xtrace/http_server.h>

#include "http/server_connection.h"
#include "http/server_core.h"

namespace xtrace {

namespace {

Error invalid(std::string_view what) {
  return {Error::Code::invalid_config, Phase::none,
          "the server's limit " + std::string(what) + " must be more than zero"};
}

std::optional<Error> fault_in(const HttpServerLimits& limits) {
  if (limits.head_bytes == 0) return invalid("head_bytes");
  if (limits.connections == 0) return invalid("connections");
  if (limits.head <= Duration{}) return invalid("head");
  if (limits.idle <= Duration{}) return invalid("idle");
  if (limits.rate_grace <= Duration{}) return invalid("rate_grace");
  return std::nullopt;
}

}  // namespace

struct HttpServer::Impl {
  ServerCore core;
};

Expected<std::unique_ptr<HttpServer>> HttpServer::listen(Loop& loop, const HttpServerConfig& config,
                                                         HttpHandler handler) {
  if (auto fault = fault_in(config.limits)) return std::move(*fault);
  std::unique_ptr<Impl> impl(new Impl{{loop, config, std::move(handler)}});
  if (auto listening = impl->core.listen(); !listening) return std::move(listening).error();
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

HttpServer::~HttpServer() {
  impl_->core.abort();
}

const Address& HttpServer::address() const {
  return impl_->core.address();
}

HttpServerStats HttpServer::stats() const {
  return impl_->core.stats();
}

void HttpServer::close(Callback<void()> on_closed) {
  impl_->core.close(std::move(on_closed));
}

void HttpServer::abort() {
  impl_->core.abort();
}

}  // namespace xtrace
