#pragma once

/// `Resolver` turns a host name into addresses, on behalf of whoever calls `resolve`.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <xtrace/address.h>
#include <xtrace/callback.h>
#include <xtrace/clock.h>
#include <xtrace/expected.h>

namespace xtrace {

enum class FamilyWanted : std::uint8_t { any, ipv4, ipv6 };

struct ResolveRequest {
  std::string host;
  std::uint16_t port = 0;
  FamilyWanted family = FamilyWanted::any;
};

struct Resolved {
  /// In the system's order (RFC 6724); never empty on success. The port is the request's.
  std::vector<Address> addresses;
  /// True when another lookup of the same name was under way and this one shared its answer.
  bool coalesced = false;
};

/// One lookup in flight, or done. Destroying it cancels: the callback then never runs. (A worker
/// thread that is already in getaddrinfo finishes alone.)
class Lookup {
 public:
  Lookup() = default;
  Lookup(const Lookup&) = delete;
  Lookup& operator=(const Lookup&) = delete;
  virtual ~Lookup() = default;

  /// The moments of the work itself; unset (the epoch of `Tick`) until they happen. Written by the
  /// worker thread and safe to read at any time. A lookup that needs no worker sets all of them at
  /// once.
  virtual Tick submitted_at() const = 0;
  virtual Tick started_at() const = 0;
  virtual Tick finished_at() const = 0;
};

class Resolver {
 public:
  Resolver() = default;
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;
  virtual ~Resolver() = default;

  /// `on_done` runs once, on a later turn. Errors: `dns_not_found`, `dns_temporary`, `dns_failed`,
  /// all in phase dns.
  [[nodiscard]] virtual std::unique_ptr<Lookup> resolve(
      const ResolveRequest& request, Callback<void(Expected<Resolved>)> on_done) = 0;

  /// The name recorded in traces: `system`, `static`.
  virtual std::string_view name() const = 0;
};

}  // namespace xtrace
