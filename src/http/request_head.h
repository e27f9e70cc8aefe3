#pragma once

/// The head of a request as it is sent: request line, Host, the caller's fields, the automatic
/// ones.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <xtrace/http.h>

namespace xtrace {

/// What a head depends on besides its request. Views need to live until `append_head` returns.
struct HeadOptions {
  std::string_view default_user_agent{};
  /// For an http proxy, which reads the whole URL as the target (RFC 9112 section 3.2.2); userinfo
  /// is left out.
  bool is_absolute_form = false;
  /// The value of Proxy-Authorization; empty sends none. The caller's own field stands in for it.
  std::string_view proxy_authorization{};
  /// The size of the opened source of `request.supply`, which becomes the Content-Length. Where
  /// there is a supply and no size, the body is chunked.
  std::optional<std::uint64_t> supply_size{};
  /// Asks for every coding that `make_body_decoder` undoes, where `asks_for_compression` lets
  /// it.
  bool accepts_compressed = false;
  /// Tells the server that no request follows, unless the caller has a Connection field.
  bool closes = false;
};

/// Appends the head, its empty line included, to `into`, whose memory the caller keeps for the next
/// one. Host comes first, then the caller's fields in their order, then the automatic ones.
/// Content-Length is sent with a body and always with POST, PUT and PATCH. `request` was checked.
void append_head(std::string& into, const Request& request, const HeadOptions& options);

/// Whether the client may ask for a compressed response, and hence decode what comes. It may not
/// where the caller set Accept-Encoding (and wants what comes as it comes) or omitted it, asked for
/// a Range (which counts encoded bytes), or for no body at all (HEAD).
bool asks_for_compression(const Request& request);

}  // namespace xtrace
