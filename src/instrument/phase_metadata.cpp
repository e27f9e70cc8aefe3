#include "instrument/phase_metadata.h"

#include "base/json_writer.h"

namespace xtrace {

double to_milliseconds(Duration duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

std::string_view dns_metadata(const Timeline& timeline, std::string& reused) {
  reused.clear();
  JsonWriter json(reused);
  json.begin_object();
  json.key("addresses");
  json.begin_array();
  for (const Address& address : timeline.dns->addresses) json.string(address.host());
  json.end_array();
  json.key("coalesced");
  json.boolean(timeline.dns->coalesced);
  if (const Span* wait = timeline.find(Phase::dns_wait)) {
    json.key("queued_ms");
    json.milliseconds(wait->length());
  }
  json.key("resolver");
  json.string(timeline.dns->resolver);
  json.end_object();
  return reused;
}

std::string_view dial_metadata(const Dial& dial, std::string& reused) {
  reused.clear();
  JsonWriter json(reused);
  json.begin_object();
  json.key("network");
  json.string(dial.address.network());
  json.key("address");
  json.string(dial.address.to_string());
  json.key("outcome");
  json.string(to_string(dial.span.outcome));
  json.end_object();
  return reused;
}

std::string_view tls_metadata(const TlsInfo& tls, std::string& reused) {
  reused.clear();
  JsonWriter json(reused);
  json.begin_object();
  json.key("version");
  json.string(tls.version);
  json.key("cipher_suite");
  json.string(tls.cipher);
  json.key("did_resume");
  json.boolean(tls.resumed);
  json.key("negotiated_protocol");
  json.string(tls.alpn);
  json.key("verified");
  json.boolean(tls.verified);
  json.end_object();
  return reused;
}

std::string_view connection_metadata(const Timeline& timeline, std::string& reused) {
  reused.clear();
  JsonWriter json(reused);
  json.begin_object();
  json.key("reused");
  json.boolean(timeline.reused);
  if (timeline.idle_time) {
    json.key("idle_ms");
    json.milliseconds(*timeline.idle_time);
  }
  if (timeline.connection > 0) {
    json.key("number");
    json.unsigned_integer(timeline.connection);
  }
  if (timeline.left_dial) {
    json.key("left_dial");
    json.boolean(true);
  }
  if (!timeline.proxy.empty()) {
    json.key("proxy");
    json.string(timeline.proxy);
  }
  json.key("local");
  json.string(timeline.local.to_string());
  json.key("remote");
  json.string(timeline.remote.to_string());
  json.end_object();
  return reused;
}

std::string_view interim_metadata(const Timeline& timeline, std::string& reused) {
  reused.clear();
  JsonWriter json(reused);
  json.begin_array();
  for (std::size_t i = 0; i < timeline.interim_count; ++i) {
    json.begin_object();
    json.key("status");
    json.integer(timeline.interims[i].status);
    json.key("at_ms");
    json.milliseconds(timeline.interims[i].at);
    json.end_object();
  }
  json.end_array();
  return reused;
}

std::string_view decoding_metadata(const Timeline& timeline, std::string& reused) {
  reused.clear();
  JsonWriter json(reused);
  json.begin_object();
  json.key("content_encoding");
  json.string(timeline.content_encoding);
  json.key("received_bytes");
  json.unsigned_integer(timeline.response_body_bytes);
  json.key("decoded_bytes");
  json.unsigned_integer(timeline.decoded_body_bytes);
  json.end_object();
  return reused;
}

}  // namespace xtrace
