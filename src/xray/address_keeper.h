#pragma once

/// An `AddressKeeper` keeps the addresses of the daemon fresh: looked up at first, again and again,
/// and when there is reason to doubt them. Nobody ever waits for a lookup.

#include <functional>
#include <memory>
#include <optional>

#include <xtrace/clock.h>
#include <xtrace/daemon_address.h>
#include <xtrace/expected.h>

#include "xray/connect_udp.h"
#include "xray/name_lookup.h"

namespace xtrace {

/// One thread at a time.
class AddressKeeper {
 public:
  /// Begins the first lookup; that of an IP address is done at once. `on_news` runs in another
  /// thread when a lookup has ended, with the locks of `lock()` held.
  AddressKeeper(const DaemonEndpoint& endpoint, Duration interval, LookUpHost look_up,
                std::function<void()> on_news);

  const DaemonEndpoint& endpoint() const { return endpoint_; }
  /// Begins a lookup where one is due.
  void refresh(Tick now);
  /// The addresses are in doubt: the next lookup is due soon.
  void doubt(Tick now);
  /// What the last lookup brought, once.
  std::optional<Expected<UdpAddresses>> take_news(Tick now);
  /// When `refresh` should be called; never for an IP address, and not while a lookup is under way.
  Tick next_due() const;
  bool is_looking() const { return lookup_ != nullptr; }

  /// Around a fork. In a child the lookup under way has no thread any more.
  void lock();
  void unlock();
  /// Forgets the lookup under way; a name's next one is due.
  void begin_anew();

 private:
  void begin_lookup();

  DaemonEndpoint endpoint_;
  Duration interval_;
  LookUpHost look_up_;
  std::function<void()> on_news_;
  bool is_name_;
  std::unique_ptr<NameLookup> lookup_{};
  std::optional<Expected<UdpAddresses>> news_{};
  Tick looked_up_{};
  Tick due_{};
  Duration retry_;
};

}  // namespace xtrace
