#pragma once

/// The metadata of phases as JSON, in the shape the AWS SDK for Go gives them (namespace `http`).
/// Each is written over a text that its caller uses again and again, and is valid until the next.

#include <string>
#include <string_view>

#include <xtrace/timeline.h>

namespace xtrace {

/// `{"addresses":[...],"coalesced":false,"queued_ms":0.012,"resolver":"system"}`
std::string_view dns_metadata(const Timeline& timeline, std::string& reused);
/// `{"network":"tcp4","address":"127.0.0.1:80","outcome":"ok"}`
std::string_view dial_metadata(const Dial& dial, std::string& reused);
/// `{"version":"TLSv1.2","cipher_suite":"...","did_resume":false,"negotiated_protocol":"http/1.1",...}`
std::string_view tls_metadata(const TlsInfo& tls, std::string& reused);
/// `{"reused":true,"idle_ms":12.5,"number":3,"local":"...","remote":"..."}`, with `left_dial` and
/// `proxy` where there is something to tell.
std::string_view connection_metadata(const Timeline& timeline, std::string& reused);
/// `[{"status":103,"at_ms":1.5}]`
std::string_view interim_metadata(const Timeline& timeline, std::string& reused);
/// `{"content_encoding":"gzip","received_bytes":120,"decoded_bytes":4096}`
std::string_view decoding_metadata(const Timeline& timeline, std::string& reused);

/// Milliseconds with their fraction.
double to_milliseconds(Duration duration);

}  // namespace xtrace
