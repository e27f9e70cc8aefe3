#pragma once

/// `Fetcher` gets what is asked of it from anywhere and has it archived.
///
///     GET /fetch/https://goa.design?page=1    200 {"archive_href":"/archive/1","status":200}
///     GET /health                             200 `OK`
///
/// Whatever status the target answers with is archived as it is. A target that gives no answer, or
/// a larger one than the limit, is 400; an archiver that does not take it is 500.

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include <xtrace/client.h>
#include <xtrace/clock.h>
#include <xtrace/traced_client.h>

#include "microservices/fetch.h"
#include "microservices/service.h"

namespace xtrace::examples {

struct FetcherConfig {
  ServiceConfig service{.name = "fetcher"};
  std::string archiver = "127.0.0.1:8080";
  Duration target_timeout = std::chrono::seconds(15);
  std::size_t target_limit = std::size_t{1} * 1024 * 1024;  ///< Bytes of a target's body, decoded.
};

/// `http://HOST:PORT`; errors: `invalid_config`, saying what the text should have been.
Expected<Url> parse_peer(std::string_view text);

class Fetcher {
 public:
  /// As `Service::start`. The archiver need not be there yet.
  static Expected<std::unique_ptr<Fetcher>> start(Loop& loop, const FetcherConfig& config);
  Fetcher(const Fetcher&) = delete;
  Fetcher& operator=(const Fetcher&) = delete;
  ~Fetcher();

  const Address& address() const { return service_->address(); }
  void close(Callback<void()> on_closed) { service_->close(std::move(on_closed)); }

 private:
  Fetcher(Loop& loop, const FinalizedClientConfig& targets, const FinalizedClientConfig& archiver,
          Url archive);
  void take(Visit visit);

  // In the order in which they need each other.
  Client targets_;
  Client archiver_;
  FetchClients clients_;
  std::map<std::uint64_t, std::unique_ptr<Fetch>> fetches_;  // under way
  std::uint64_t last_fetch_ = 0;
  std::unique_ptr<Service> service_;
};

}  // namespace xtrace::examples
