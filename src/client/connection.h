#pragma once

/// `Connection` is one stream of the pool and what lasts from request to request on it.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <xtrace/clock.h>
#include <xtrace/tls.h>

#include "base/chain.h"
#include "client/dialling.h"
#include "http/parser.h"
#include "net/stream.h"

namespace xtrace {

struct PoolGroup;
class Pool;

/// Who a connection is lent to.
class ConnectionUser {
 public:
  /// As a stream's reader (net/stream.h): an error or an empty span is the last call.
  virtual Flow on_received(Expected<std::span<const std::byte>> received) = 0;

 protected:
  ~ConnectionUser() = default;
};

struct IdleInGroup;
struct IdleInPool;

class Connection : public Link<Connection, IdleInGroup>, public Link<Connection, IdleInPool> {
 public:
  Connection(Pool& pool, PoolGroup& group, Dialled made, std::uint64_t number);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();

  /// Bytes go to `user` from now on; null: nobody expects any.
  void lend_to(ConnectionUser* user) { user_ = user; }
  Stream& stream() { return *made_.stream; }
  const std::optional<TlsInfo>& tls() const { return made_.tls; }
  const Address& local() const { return local_; }
  Address remote() const { return made_.stream->remote_address(); }
  /// The one parser, made ready for the answer to a request with `method`.
  ResponseParser& parser_for(std::string_view method, ParserLimits limits, ResponseEvents& events);
  ResponseParser& parser() { return *parser_; }
  /// The head of the request being sent; its memory is used again.
  std::string& head() { return head_; }

  Pool& pool() { return pool_; }
  PoolGroup& group() { return group_; }
  std::uint64_t number() const { return number_; }

  // The pool's own notes.
  std::size_t slot = 0;        ///< In the group's list of connections.
  bool was_kept = false;       ///< It was idle or served a request: the peer may have left it.
  std::uint64_t requests = 0;  ///< How many it was lent to.
  Tick made_at{};
  Tick idle_since{};

 private:
  Flow on_data(Expected<std::span<const std::byte>> received);

  Pool& pool_;
  PoolGroup& group_;
  const std::uint64_t number_;
  const Address local_;
  ConnectionUser* user_ = nullptr;
  std::string head_;
  std::optional<ResponseParser> parser_;
  Dialled made_;  // last, so that no callback meets a half-gone connection
};

}  // namespace xtrace
