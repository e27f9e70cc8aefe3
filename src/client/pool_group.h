#pragma once

/// What a `Pool` is made of: the connections of one address, the dials under way there, and the
/// requests that wait.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <xtrace/clock.h>

#include "base/chain.h"
#include "client/connection.h"
#include "client/dialling.h"
#include "client/pool_book.h"

namespace xtrace {

class Seeker;

/// What requests have in common that can use the same connections.
struct PoolKey {
  std::string_view host;  ///< Empty where all requests to a proxy share its connections.
  std::uint16_t port = 0;
  bool is_https = false;
  const Proxy* proxy = nullptr;

  friend bool operator==(const PoolKey&, const PoolKey&) = default;
};

PoolKey pool_key(const Url& url, const Proxy* proxy);
/// As `AddressStats::address` names it.
std::string address_of(const PoolKey& key);

struct PoolDial {
  PoolDial(PoolGroup& of, Seeker& by) : group(of), owner(&by) {}

  PoolGroup& group;
  Seeker* owner;  // null once it was served otherwise, or gave up
  std::optional<Dialling> dialling;
};

struct WaitingInGroup;
struct UndialledInGroup;
struct UndialledInPool;

/// The connections of one address, and who waits for one.
struct PoolGroup {
  PoolGroup(const PoolKey& of, AddressBook& its_book);

  const std::string host;
  const PoolKey key;
  const std::string proxy_authorization;  // for requests in absolute form
  AddressBook& book;
  std::vector<std::unique_ptr<Connection>> connections;
  std::vector<std::unique_ptr<PoolDial>> dials;
  Chain<Connection, IdleInGroup> idle;        // used last first
  Chain<Seeker, WaitingInGroup> waiting;      // longest first
  Chain<Seeker, UndialledInGroup> undialled;  // those of them for whom nothing is dialled
  std::size_t idle_count = 0;
  bool is_to_be_served = false;  // in the pool's list of those
  Tick unused_since{};

  std::size_t total() const { return connections.size() + dials.size(); }
  /// An http or https proxy that is told the whole URL, so that any http origin will do.
  bool is_shared_proxy() const { return key.proxy != nullptr && key.host.empty(); }
};

/// A connection and how it came.
struct Lent {
  Connection& connection;
  bool was_kept = false;                ///< httptrace's `Reused`.
  std::optional<Duration> idle_time{};  ///< Unset where it was handed over directly, or is new.
  bool was_dialled_for_seeker = false;
};

struct SeekerPlace {
  const Url* url = nullptr;
  PoolGroup* group = nullptr;  ///< Set while it waits.
  PoolDial* dial = nullptr;    ///< What is dialled for it.
  bool wants_new = false;
};

/// A request that looks for a connection. Taken off by `Pool::stop_seeking` before it dies.
class Seeker : public Link<Seeker, WaitingInGroup>,
               public Link<Seeker, UndialledInGroup>,
               public Link<Seeker, UndialledInPool> {
 public:
  /// A connection is dialled for it; the answer is whom to tell about that. It may be lent another
  /// one all the same.
  virtual Dialling::Audience on_dial_decided() = 0;
  virtual void on_lent(const Lent& lent) = 0;
  virtual void on_seek_failed(const Error& error) = 0;

  SeekerPlace place;  ///< The pool's own notes.

 protected:
  ~Seeker() = default;
};

}  // namespace xtrace
