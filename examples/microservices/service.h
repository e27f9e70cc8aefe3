#pragma once

/// `Service` is what the archiver and the fetcher have in common: an `HttpServer` whose requests
/// are traced, logged and led to their routes, and `GET /health`.
///
/// Every request is sampled, unless its caller has decided otherwise. The log has a line when it
/// begins and one when it is over:
///
///     2026-11-21T12:00:00Z [INFO] started id=5c3f0a1be2d94877 GET=/fetch/https://goa.design
///     2026-11-21T12:00:00Z [INFO] completed id=5c3f0a1be2d94877 status=200 time=604ms

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <xtrace/address.h>
#include <xtrace/daemon_address.h>
#include <xtrace/http_server.h>
#include <xtrace/loop.h>
#include <xtrace/server_trace.h>
#include <xtrace/tracer.h>

#include "microservices/visit.h"

namespace xtrace::examples {

/// What is served where. A path that ends in a slash stands for all below it. HEAD is answered as
/// GET is.
struct Route {
  std::string method{};
  std::string path{};
  std::function<void(Visit)> handler{};
};

struct ServiceConfig {
  std::string name{};  ///< Of its segments.
  Address listen = Address::from_ipv4({127, 0, 0, 1}, 0);
  DaemonEndpoint daemon{};  ///< Where segments go, over UDP.
};

class Service {
 public:
  /// Listens when it returns. Errors: `listen_failed`, `invalid_config`. `loop` outlives it.
  static Expected<std::unique_ptr<Service>> start(Loop& loop, const ServiceConfig& config,
                                                  std::vector<Route> routes);
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;
  ~Service();

  const Address& address() const { return server_->address(); }
  /// Takes no more requests and finishes those under way; `on_closed` runs once, when they are.
  void close(Callback<void()> on_closed) { server_->close(std::move(on_closed)); }

 private:
  Service(std::string name, const FinalizedTracerConfig& config, std::vector<Route> routes);
  void receive(ServerCall call, const SegmentContext& segment);
  void lead(Visit visit);

  const std::vector<Route> routes_;
  Tracer tracer_;
  ServerTrace trace_;
  std::unique_ptr<HttpServer> server_;
};

/// A path as it may be logged and recorded: where it holds a URL with a user name or a password,
/// without them.
std::string without_userinfo(std::string_view path);

}  // namespace xtrace::examples
