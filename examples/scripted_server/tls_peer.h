#pragma once

/// `TlsPeer` is the server's side of one TLS connection, for the thread that serves it. Everything
/// waits, and every wait ends at once when the peer goes away or the server ends.

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "net/descriptor.h"
#include "scripted_server/tls_identity.h"

namespace xtrace::examples {

class TlsPeer {
 public:
  /// `identity` outlives it; `ending` is a descriptor that becomes readable when the server ends.
  TlsPeer(Descriptor socket, const TlsIdentity& identity, int ending);
  TlsPeer(const TlsPeer&) = delete;
  TlsPeer& operator=(const TlsPeer&) = delete;
  ~TlsPeer();

  bool shake_hands();
  /// A request up to its empty line; nothing where no other comes.
  std::optional<std::string> read_head();
  /// False where it did not leave whole.
  bool write(std::string_view text);
  /// False where the time did not pass because there is nobody left to wait for.
  bool pause(std::chrono::microseconds time);

 private:
  enum class Awaited { ready, late, over };
  struct Library;

  Awaited wait_for(short events, std::optional<std::chrono::microseconds> limit) const;
  /// Repeats a step of the library's until it is not for want of the socket that it stops.
  template <class Step>
  int finish(Step step);

  Descriptor socket_;
  int ending_;
  std::string unread_;
  std::unique_ptr<Library> library_;
};

}  // namespace xtrace::examples
