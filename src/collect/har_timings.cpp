#include "collect/har_timings.h"

#include <algorithm>
#include <deque>
#include <optional>

#include "collect/value_reader.h"

namespace xtrace::collect {

namespace {

/// A child of that name that is finished, or null. `dial`s are several, and phases are not.
const TraceNode* find_har_phase(const TraceTree& tree, ChildList& children, std::uint32_t parent,
                                std::string_view name) {
  for (const std::uint32_t child : children.of(parent)) {
    const TraceNode& node = tree.nodes[child];
    if (!node.is_segment && node.end && node.name == name) return &node;
  }
  return nullptr;
}

double har_milliseconds(const TraceNode& node) {
  return (*node.end - node.start) * 1000;
}

void divide_connect(HarTimings& timings, const TraceTree& tree, ChildList& children,
                    const TraceNode& connect) {
  const auto index = static_cast<std::uint32_t>(&connect - tree.nodes.data());
  const TraceNode* const dns = find_har_phase(tree, children, index, "dns");
  const TraceNode* const tls = find_har_phase(tree, children, index, "tls");
  timings.connect = har_milliseconds(connect);
  if (dns != nullptr) {
    timings.dns = std::clamp(har_milliseconds(*dns), 0.0, timings.connect);
    timings.connect -= timings.dns;
  }
  if (tls != nullptr) timings.ssl = std::clamp(har_milliseconds(*tls), 0.0, timings.connect);
}

std::string har_host(std::string_view address) {
  const std::size_t colon = address.rfind(':');
  std::string_view host = address.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  return std::string(host);
}

/// `{"http":{"connection":{"remote":"127.0.0.1:80","number":1}}}`
HarServer read_har_server(std::string_view metadata, std::deque<std::string>& decoded) {
  HarServer server;
  ValueReader reader(metadata, decoded);
  reader.object([&](std::string_view space) {
    if (space != "http") return reader.skip();
    reader.object([&](std::string_view key) {
      if (key != "connection") return reader.skip();
      reader.object([&](std::string_view fact) {
        if (fact == "remote") {
          server.address = har_host(reader.text());
        } else if (fact == "number") {
          if (const auto number = reader.count()) server.connection = std::to_string(*number);
        } else {
          reader.skip();
        }
      });
    });
  });
  return server;
}

}  // namespace

HarTimings har_timings(const TraceTree& tree, ChildList& children, std::uint32_t call) {
  const TraceNode& node = tree.nodes[call];
  HarTimings timings;
  timings.total = (node.end.value_or(std::max(tree.end, node.start)) - node.start) * 1000;
  const TraceNode* const connect = find_har_phase(tree, children, call, "connect");
  const TraceNode* const request = find_har_phase(tree, children, call, "request");
  const TraceNode* const response = find_har_phase(tree, children, call, "response");
  const TraceNode* const body = find_har_phase(tree, children, call, "body");
  if (connect == nullptr && request == nullptr && response == nullptr) {
    timings.wait = timings.total;
    return timings;
  }
  if (connect != nullptr) divide_connect(timings, tree, children, *connect);
  if (request != nullptr) timings.send = har_milliseconds(*request);
  if (response != nullptr) timings.wait = har_milliseconds(*response);
  if (body != nullptr) timings.receive = har_milliseconds(*body);
  const double known = std::max(timings.dns, 0.0) + std::max(timings.connect, 0.0) + timings.send +
                       timings.wait + timings.receive;
  timings.blocked = std::max(timings.total - known, 0.0);
  timings.total = timings.blocked + known;
  return timings;
}

HarServer har_server(const TraceTree& tree, ChildList& children, std::uint32_t call) {
  const TraceNode* const connect = find_har_phase(tree, children, call, "connect");
  std::deque<std::string> decoded;
  for (const TraceNode* node : {connect, &tree.nodes[call]}) {
    if (node == nullptr || node->metadata.empty()) continue;
    HarServer server = read_har_server(node->metadata, decoded);
    if (!server.address.empty()) return server;
  }
  return {};
}

}  // namespace xtrace::collect
