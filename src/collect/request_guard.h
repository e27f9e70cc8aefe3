#pragma once

/// `RequestGuard` keeps pages of other sites from the collector: it listens where a browser can be
/// made to knock, and has no password.
///
/// A page may send requests to 127.0.0.1, and where its own name is made to mean 127.0.0.1 (DNS
/// rebinding) it may even read the answers. So the host that a request is for must be one that
/// nobody else can own; what a browser says of where a request comes from must be this very
/// address; and no answer ever allows another origin anything. Programs, which send neither Origin
/// nor Sec-Fetch-Site, are not kept from anything.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <xtrace/address.h>
#include <xtrace/incoming_request.h>

namespace xtrace::collect {

/// What a request asks for, as far as it matters who asks.
enum class Asked : std::uint8_t {
  page,  ///< A document that a link may lead to from anywhere: it shows nothing by itself.
  data,  ///< Everything else.
  api,   ///< A call of the X-Ray API: POST, from programs.
};

/// What this machine calls itself.
std::vector<std::string> names_of_machine();

class RequestGuard {
 public:
  /// For a server bound to `bound`; where that is not loopback, `own_names` are names that it may
  /// be called by.
  RequestGuard(const Address& bound, std::vector<std::string> own_names);

  /// One sentence for the answer with 403, or nothing where the request may pass.
  std::optional<std::string> refusal(const IncomingRequest& request, Asked asked) const;

 private:
  bool names_us(std::string_view host, const IncomingRequest& request, Asked asked) const;
  bool is_own_name(std::string_view name) const;

  Address bound_;
  std::vector<std::string> own_names_;
};

}  // namespace xtrace::collect
