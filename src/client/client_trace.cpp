#include <xtrace/client_trace.h>

namespace xtrace {

namespace {

template <class... Args>
std::function<void(Args...)> both(const std::function<void(Args...)>& newer,
                                  const std::function<void(Args...)>& older) {
  if (!newer) return older;
  if (!older) return newer;
  return [newer, older](Args... args) {
    newer(args...);
    older(args...);
  };
}

}  // namespace

ClientTrace ClientTrace::compose(const ClientTrace& newer, const ClientTrace& older) {
  return {
      .get_conn = both(newer.get_conn, older.get_conn),
      .got_conn = both(newer.got_conn, older.got_conn),
      .got_conn_failed = both(newer.got_conn_failed, older.got_conn_failed),
      .dns_start = both(newer.dns_start, older.dns_start),
      .dns_done = both(newer.dns_done, older.dns_done),
      .connect_start = both(newer.connect_start, older.connect_start),
      .connect_done = both(newer.connect_done, older.connect_done),
      .tls_handshake_start = both(newer.tls_handshake_start, older.tls_handshake_start),
      .tls_handshake_done = both(newer.tls_handshake_done, older.tls_handshake_done),
      .wrote_header_field = both(newer.wrote_header_field, older.wrote_header_field),
      .wrote_headers = both(newer.wrote_headers, older.wrote_headers),
      .wrote_request = both(newer.wrote_request, older.wrote_request),
      .got_first_response_byte = both(newer.got_first_response_byte, older.got_first_response_byte),
      .got_1xx_response = both(newer.got_1xx_response, older.got_1xx_response),
      .got_100_continue = both(newer.got_100_continue, older.got_100_continue),
      .got_response_head = both(newer.got_response_head, older.got_response_head),
      .request_done = both(newer.request_done, older.request_done),
  };
}

}  // namespace xtrace
