#pragma once

/// What `server_peer` sends and receives: bodies of a known text, whose every byte can be checked,
/// and a request's body that goes back as the answer.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include <xtrace/body.h>
#include <xtrace/server_call.h>

namespace xtrace::peer {

/// The text of support/nginx.py's `body_of`, from this byte on, at most 64 KiB of it.
std::span<const std::byte> text_from(std::uint64_t offset, std::uint64_t most);

/// So many bytes of that text; a chunked body where `has_size` is false. Broken off with an error
/// after `breaks_at` bytes.
struct TextBody {
  std::uint64_t bytes = 0;
  bool has_size = true;
  std::uint64_t breaks_at = UINT64_MAX;
};
std::unique_ptr<BodySource> make_text_body(const TextBody& body);

/// Answers with the request's body while it comes, as fast as the client takes it.
void echo(ServerCall call);

/// Reads the body to its end and answers `{"bytes":N,"intact":true}`: whether it was that text.
void count_body(ServerCall call);

}  // namespace xtrace::peer
