#pragma once

/// `IncomingRequest` is the head of a request as a server got it: views into the connection's own
/// memory, so that a request costs no allocation.
///
/// Everything it shows is valid until the request has been answered; what is to live longer is
/// copied. It has been checked (RFC 9112): the method and the names are tokens, the values hold no
/// control characters, the framing is unambiguous, and there is exactly one valid Host (HTTP/1.0
/// may have none).

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace xtrace {

/// One header field; the value without the space around it.
struct FieldView {
  std::string_view name{};
  std::string_view value{};

  friend bool operator==(const FieldView&, const FieldView&) = default;
};

struct IncomingRequest {
  std::string_view method{};
  /// As it came: `/path?query`, `*` for OPTIONS, or `http://host/path` as proxies are sent it.
  std::string_view target{};
  /// The target's path, escapes as they came, without the query; `*` for `*`.
  std::string_view path{};
  std::string_view query{};  ///< Without the `?`; empty where there is none.
  /// `host` or `host:port`: of a target that names one, else the Host field's. Empty where neither.
  std::string_view host{};
  int version_minor = 1;                ///< HTTP/1.x
  std::span<const FieldView> fields{};  ///< In the order they came, names as they were spelled.
  std::optional<std::uint64_t> content_length{};
  bool is_chunked = false;
  bool expects_continue = false;  ///< `Expect: 100-continue`: the body waits for our word.

  /// Whether a body follows, be it an empty one.
  bool has_body() const { return is_chunked || content_length.value_or(0) > 0; }
  /// The first field of that name, compared without case, or null.
  const FieldView* find(std::string_view name) const;
  /// Its value, or an empty text.
  std::string_view value_of(std::string_view name) const;
};

}  // namespace xtrace
