#pragma once

/// The metadata of phases as JSON, in the shape the AWS SDK for Go gives them (namespace `http`).

#include <string>

#include <xtrace/timeline.h>

namespace xtrace {

/// `{"addresses":[...],"coalesced":false,"queued_ms":0.012,"resolver":"system"}`
std::string dns_metadata(const Timeline& timeline);
/// `{"network":"tcp4","address":"127.0.0.1:80","outcome":"ok"}`
std::string dial_metadata(const Dial& dial);
/// `{"version":"TLSv1.2","cipher_suite":"...","did_resume":false,"negotiated_protocol":"http/1.1",...}`
std::string tls_metadata(const TlsInfo& tls);
/// `{"reused":false,"local":"...","remote":"..."}`
std::string connection_metadata(const Timeline& timeline);
/// `[{"status":103,"at_ms":1.5}]`
std::string interim_metadata(const Timeline& timeline);

/// Milliseconds with their fraction.
double to_milliseconds(Duration duration);

}  // namespace xtrace
