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

void read_stack(ValueReader& reader, NodeException& exception, std::size_t& room) {
  reader.array([&reader, &exception, &room] {
    if (room > 0) {
      --room;
      exception.stack.push_back(read_frame(reader));
    } else {
      ++exception.truncated;
      reader.skip();
    }
  });
}

NodeException read_exception(ValueReader& reader, std::size_t& room) {
  NodeException exception;
  std::int64_t left_out = 0;
  reader.object([&](std::string_view key) {
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
      left_out = reader.count().value_or(0);
    } else if (key == "stack") {
      read_stack(reader, exception, room);
    } else {
      reader.skip();
    }
  });
  exception.truncated += left_out;
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

std::size_t read_cause(ValueReader& reader, TraceNode& node, std::size_t& room) {
  if (reader.token() == '"') {
    node.cause_id = reader.text();
    return 0;
  }
  std::size_t left_out = 0;
  reader.object([&](std::string_view key) {
    if (key == "id") {
      node.cause_id = reader.text();
    } else if (key == "exceptions") {
      reader.array([&] {
        if (reader.token() == '{' && room > 0) {
          --room;
          node.exceptions.push_back(read_exception(reader, room));
        } else {
          left_out += reader.token() == '{' ? 1 : 0;
          reader.skip();
        }
      });
    } else {
      reader.skip();
    }
  });
  return left_out;
}

}  // namespace xtrace::collect
