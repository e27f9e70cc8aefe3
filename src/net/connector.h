#pragma once

/// `connect_to` opens a TCP connection to the first of several addresses that answers: Happy
/// Eyeballs, RFC 8305.
///
/// Families are interleaved, beginning with the family of the first address. An attempt starts
/// `stagger` after the one before, or at once when any fails; the first to connect wins and the
/// others are abandoned (closed). A Unix socket, also one in the abstract namespace, is dialled
/// like any other address and usually alone. TCP_NODELAY is set on the winner.

#include <memory>
#include <span>
#include <vector>

#include <xtrace/address.h>
#include <xtrace/callback.h>
#include <xtrace/clock.h>
#include <xtrace/expected.h>
#include <xtrace/loop.h>

#include "net/stream.h"

namespace xtrace {

/// Told what every single dial does, as it happens. `index` counts the dials of this connect from 0
/// in the order they start. All calls come from the loop, never from inside `connect_to`; abandoned
/// dials are told before `on_done`. Any of them may destroy the `Connecting`. `at` is the moment of
/// the deed itself: right before connect(2), and right after its answer reached the process.
class DialObserver {
 public:
  virtual void on_dial_start(std::size_t index, const Address& address, Tick at) = 0;
  /// `error` is null for the winner. An abandoned dial is told by `on_dial_abandoned` instead.
  virtual void on_dial_done(std::size_t index, const Address& address, Tick at,
                            const Error* error) = 0;
  virtual void on_dial_abandoned(std::size_t index, const Address& address, Tick at) = 0;

 protected:
  ~DialObserver() = default;
};

/// A connect in flight. Destroying it abandons every dial without telling anybody.
class Connecting {
 public:
  Connecting() = default;
  Connecting(const Connecting&) = delete;
  Connecting& operator=(const Connecting&) = delete;
  virtual ~Connecting() = default;
};

struct ConnectOptions {
  Duration stagger = std::chrono::milliseconds(250);  ///< RFC 8305 section 5 recommends 250 ms.
  Duration
      keep_alive_probes{};  ///< Between two of SO_KEEPALIVE, in whole seconds; zero sends none.
};

/// The order in which `connect_to` dials: families interleaved, the first address's family first
/// (RFC 8305 section 4).
std::vector<Address> interleave_families(std::span<const Address> addresses);

/// `addresses` is not empty. `observer` outlives the returned object. `on_done` runs once, on a
/// later turn, with the winning stream, or with the error of the last dial that failed when every
/// one did; the code is the one all dials share, else that of the last.
[[nodiscard]] std::unique_ptr<Connecting> connect_to(
    Loop& loop, std::span<const Address> addresses, const ConnectOptions& options,
    DialObserver& observer, Callback<void(Expected<std::unique_ptr<Stream>>)> on_done);

}  // namespace xtrace
