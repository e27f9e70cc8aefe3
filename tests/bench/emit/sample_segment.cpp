#include "sample_segment.h"

namespace xtrace::bench {

void record_sample(Tracer& tracer) {
  Segment segment = tracer.begin_segment();
  segment.set_http_request({.method = "GET",
                            .url = "http://shop.example.com/v1/orders/1042",
                            .user_agent = "Mozilla/5.0",
                            .client_ip = "203.0.113.7"});
  {
    Subsegment call = segment.begin_subsegment("api.example.com", {.space = Namespace::remote});
    call.set_http_request({.method = "GET", .url = "https://api.example.com/v1/stock/1042"});
    call.set_http_response({.status = 200, .content_length = 512});
  }
  segment.set_http_response({.status = 200, .content_length = 1024});
}

}  // namespace xtrace::bench
