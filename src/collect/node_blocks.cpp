#include "collect/node_blocks.h"

#include <limits>

namespace xtrace::collect {

namespace {

void read_request(ValueReader& reader, NodeHttp& http) {
  reader.object([&reader, &http](std::string_view key) {
    if (key == "method") {
      http.method = reader.text();
    } else if (key == "url") {
      http.url = reader.text();
    } else if (key == "user_agent") {
      http.user_agent = reader.text();
    } else if (key == "client_ip") {
      http.client_ip = reader.text();
    } else if (key == "x_forwarded_for") {
      http.is_forwarded = reader.flag();
    } else if (key == "traced") {
      http.is_traced = reader.flag() || http.is_traced;
    } else {
      reader.skip();
    }
  });
}

void read_response(ValueReader& reader, NodeHttp& http) {
  reader.object([&reader, &http](std::string_view key) {
    if (key == "status") {
      const std::int64_t status = reader.count().value_or(0);
      http.status = status <= std::numeric_limits<int>::max() ? static_cast<int>(status) : 0;
    } else if (key == "content_length") {
      http.content_length = reader.count();
    } else {
      reader.skip();
    }
  });
}

NodeFrame read_frame(ValueReader& reader) {
  NodeFrame frame;
  reader.object([&reader, &frame](std::string_view key) {
    if (key == "path") {
      frame.path = reader.text();
    } else if (key == "label") {
      frame.label = reader.text();
    } else if (key == "line") {
      frame.line = reader.count().value_or(0);
    } else {
      reader.skip();
    }
  });
  return frame;
}

NodeException read_exception(ValueReader& reader) {
  NodeException exception;
  reader.object([&reader, &exception](std::string_view key) {
    if (key == "id") {
      exception.id = reader.text();
    } else if (key == "type") {
      exception.type = reader.text();
    } else if (key == "message") {
      exception.message = reader.text();
    } else if (key == "cause") {
      exception.cause = reader.text();
    } else if (key == "remote") {
      exception.is_remote = reader.flag();
    } else if (key == "truncated") {
      exception.truncated = reader.count().value_or(0);
    } else if (key == "stack") {
      reader.array([&reader, &exception] { exception.stack.push_back(read_frame(reader)); });
    } else {
      reader.skip();
    }
  });
  return exception;
}

}  // namespace

void read_http(ValueReader& reader, NodeHttp& http) {
  reader.object([&reader, &http](std::string_view key) {
    if (key == "request") {
      read_request(reader, http);
    } else if (key == "response") {
      read_response(reader, http);
    } else {
      reader.skip();
    }
  });
}

void read_cause(ValueReader& reader, TraceNode& node) {
  if (reader.token() == '"') {
    node.cause_id = reader.text();
    return;
  }
  reader.object([&reader, &node](std::string_view key) {
    if (key == "id") {
      node.cause_id = reader.text();
    } else if (key == "exceptions") {
      reader.array([&reader, &node] {
        if (reader.token() == '{') {
          node.exceptions.push_back(read_exception(reader));
        } else {
          reader.skip();
        }
      });
    } else {
      reader.skip();
    }
  });
}

}  // namespace xtrace::collect
