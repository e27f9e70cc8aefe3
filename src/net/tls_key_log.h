#pragma once

/// `KeyLog` appends the secrets of connections to a file, in the format of `SSLKEYLOGFILE` that
/// Wireshark reads. Any number of threads, and of processes, may write to one file: every line is
/// one write(2) to its end.

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <xtrace/expected.h>

#include "net/descriptor.h"
#include "net/tls_library.h"

namespace xtrace::tls {

class KeyLog {
 public:
  /// Opens the file; a new one can be read by its owner alone. Error: `tls_config`.
  static Expected<std::unique_ptr<KeyLog>> open(const std::string& path);

  explicit KeyLog(Descriptor file) : file_(std::move(file)) {}
  KeyLog(const KeyLog&) = delete;
  KeyLog& operator=(const KeyLog&) = delete;
  ~KeyLog() = default;

  /// The library tells `log` the secrets of every connection of `config`, or of `ssl`: which of the
  /// two it takes depends on its version. `log` outlives both.
  static void attach(KeyLog& log, mbedtls_ssl_config& config);
  static void attach(KeyLog& log, mbedtls_ssl_context& ssl);

  /// Appends one line. What cannot be written is lost: a debugging aid fails no connection.
  void append(std::string_view label, std::span<const unsigned char> client_random,
              std::span<const unsigned char> secret);

 private:
  Descriptor file_;
};

}  // namespace xtrace::tls
