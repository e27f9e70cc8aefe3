#include "cli/document_taps.h"

#include <algorithm>
#include <string>
#include <utility>

#include <sys/socket.h>
#include <unistd.h>

#include <xtrace/daemon_address.h>
#include <xtrace/http.h>

#include "base/ascii.h"
#include "collect/forward_otlp.h"
#include "collect/forward_udp.h"
#include "collect/request_guard.h"
#include "net/sockaddr.h"

namespace xtrace::cli {

namespace {

using Tap = Expected<std::unique_ptr<collect::DocumentTap>>;

constexpr std::string_view kUdp = "udp://";
constexpr std::string_view kOtlp = "otlp://";
constexpr std::string_view kOtlps = "otlps://";

Error bad_target(std::string reason) {
  return {Error::Code::invalid_config, Phase::none, std::move(reason)};
}

Tap make_udp_tap(Loop& loop, std::string_view place) {
  const auto address = parse_daemon_address(place);
  if (const Error* error = address.if_error()) return bad_target(error->message);
  // Two endpoints, as the environment has them, are no target.
  const bool is_one = !place.empty() && address->udp == address->tcp;
  if (!is_one) return bad_target("it is not udp://HOST:PORT");
  return std::unique_ptr<collect::DocumentTap>(new collect::ForwardUdp(loop, address->udp));
}

/// The port and the path that collectors listen at, where they are not given.
std::string with_otlp_defaults(std::string_view scheme, std::string_view place) {
  const std::size_t slash = std::min(place.find('/'), place.size());
  const std::string_view authority = place.substr(0, slash);
  const std::string_view path = place.substr(slash);
  const std::size_t bracket = authority.rfind(']');
  const std::size_t host_end = bracket == std::string_view::npos ? 0 : bracket;
  const bool has_port = authority.find(':', host_end) != std::string_view::npos;
  return std::string(scheme)
      .append(authority)
      .append(has_port ? "" : ":4318")
      .append(path.empty() || path == "/" ? "/v1/traces" : path);
}

Tap make_otlp_tap(Loop& loop, std::string_view scheme, std::string_view place) {
  auto url = Url::parse(with_otlp_defaults(scheme, place));
  if (const Error* error = url.if_error()) return bad_target(error->message);
  auto tap = collect::ForwardOtlp::make(loop, {.url = *std::move(url)});
  if (const Error* error = tap.if_error()) return *error;
  return std::unique_ptr<collect::DocumentTap>(*std::move(tap));
}

/// Nobody else's address can be bound to.
bool is_of_machine(const Address& address) {
  const sockaddr_storage wanted = to_sockaddr(address);
  const int descriptor = socket(wanted.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return false;
  const bool is_bound =
      bind(descriptor, reinterpret_cast<const sockaddr*>(&wanted), sockaddr_length(address)) == 0;
  close(descriptor);
  return is_bound;
}

}  // namespace

Tap make_tap(Loop& loop, std::string_view target) {
  if (target.starts_with(kUdp)) return make_udp_tap(loop, target.substr(kUdp.size()));
  if (target.starts_with(kOtlp)) {
    return make_otlp_tap(loop, "http://", target.substr(kOtlp.size()));
  }
  if (target.starts_with(kOtlps)) {
    return make_otlp_tap(loop, "https://", target.substr(kOtlps.size()));
  }
  return bad_target("it is neither udp://HOST:PORT nor otlp://HOST:PORT nor otlps://HOST:PORT");
}

bool leads_back(std::string_view target, const Address& udp) {
  if (!target.starts_with(kUdp)) return false;
  const auto address = parse_daemon_address(target.substr(kUdp.size()));
  if (!address || address->udp.port != udp.port()) return false;
  const std::string& host = address->udp.host;
  const std::string bound = udp.host();
  // What is sent to no address in particular goes to this machine.
  const bool is_here = host == "localhost" || host == "0.0.0.0" || host == "::";
  if (host == bound) return true;
  if (bound != "0.0.0.0" && bound != "::") return is_here && udp.is_loopback();
  const auto own = collect::names_of_machine();
  const auto is_same = [&host](std::string_view name) { return same_word(host, name); };
  const auto literal = Address::from_ip(host, 0);
  return is_here || std::ranges::any_of(own, is_same) ||
         (literal && (literal->is_loopback() || is_of_machine(*literal)));
}

}  // namespace xtrace::cli
