#pragma once

/// Which versions, ciphers and curves are offered, and what the library's versions let us see of a
/// handshake under way.

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "net/tls_library.h"
#include "net/tls_offer.h"

namespace xtrace::tls {

/// The settings that all connections of one side share. The library is told not to verify:
/// `tls::verify` does, as soon as the chain is there, with the few CAs it takes.
int configure(mbedtls_ssl_config& config, Side side, const Offer& offer);
/// The protocols to negotiate, for the library, which keeps the pointer to them.
std::vector<const char*> protocol_names(const Offer& offer);
/// Whether the server is asked for a ticket, with which its session can be continued.
void allow_tickets(mbedtls_ssl_config& config, bool allowed);

/// A server asks its clients for certificates, naming the `issuers` it takes; it judges them
/// itself. `name_issuers` is to be called after every step of a handshake.
void ask_for_certificates(mbedtls_ssl_config& config, const CertificateChain& issuers);
void name_issuers(mbedtls_ssl_context& ssl, const CertificateChain& issuers);
/// Has the server write its tickets where they come behind the handshake, as in TLS 1.3.
void give_tickets(mbedtls_ssl_context& ssl);
/// Whether the client's certificate is what comes next.
bool expects_client_certificate(const mbedtls_ssl_context& ssl);

bool is_handshake_over(const mbedtls_ssl_context& ssl);
/// Whether the server's certificate is what comes next, as in every handshake that continues no
/// session.
bool expects_certificate(const mbedtls_ssl_context& ssl);
/// The peer's chain, as early as the library shows it: with 2.28 before anything is answered to it,
/// with 3.x at the end of the handshake. Null until then.
mbedtls_x509_crt* chain_in_negotiation(const mbedtls_ssl_context& ssl);
/// The library's name of the cipher suite being agreed on.
std::string cipher_in_negotiation(const mbedtls_ssl_context& ssl);
/// Frees the peer's chain, which nobody asks for again: 1 to 10 KiB.
void forget_chain(mbedtls_ssl_context& ssl);

/// Copies the session made by the handshake, as far as it is needed to continue it. False where the
/// server does not let us.
bool copy_session(const mbedtls_ssl_context& ssl, SslSession& into);
/// The server's word on how long its ticket is good for; nothing where it has none to say.
std::optional<std::chrono::seconds> ticket_lifetime(const SslSession& session);
/// Whether the server gave a new ticket since `old`.
bool has_new_ticket(const mbedtls_ssl_context& ssl, const SslSession& old);

/// The alert that ended the connection, where it came encrypted and the library shows it.
std::optional<int> decrypted_alert(const mbedtls_ssl_context& ssl);

}  // namespace xtrace::tls
