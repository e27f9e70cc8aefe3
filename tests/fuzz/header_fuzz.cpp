#include "fuzz/target.h"
#include "http/characters.h"
#include "http/request_record.h"

/// Field lines mean the same in a request and in a response, and hold what a field may hold.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace xtrace;
  const std::string lines = std::string(testing::as_text(data, size)) + "\r\n";
  testing::Exchange response;
  response.feed("HTTP/1.1 200 OK\r\n" + lines);
  const Headers& known = response.record.head.headers;
  testing::RequestRecord request;
  request.during_head = [&response, &known](const IncomingRequest& head) {
    std::size_t at = 1;  // behind Host
    if (!response.record.events.empty() && response.record.events.back() == "head 200") {
      testing::require(head.fields.size() == known.size() + 1);
      for (const Header& field : known) {
        testing::require(head.fields[at++] == FieldView{field.name, field.value});
      }
    }
    for (const FieldView& field : head.fields) {
      testing::require(!field.name.empty() && head.find(field.name) <= &field);
      testing::require(std::ranges::all_of(field.value, is_field_character));
    }
  };
  request.feed("PUT / HTTP/1.1\r\nHost: a\r\n" + lines);
  const bool is_broken = response.error && response.error->code == Error::Code::not_http;
  testing::require(!is_broken || request.status() == 400);
  return 0;
}
