#include "collect/trace_digest.h"

#include <algorithm>

#include "collect/digest_builder.h"
#include "collect/stored_trace.h"

namespace xtrace::collect {

namespace {

/// Beside the string itself: what is short is kept within.
std::size_t heap_of(const std::string& text) {
  const std::size_t within = std::string().capacity();
  return text.capacity() > within ? text.capacity() + 1 : 0;
}

template <typename Element>
std::size_t heap_of(const std::vector<Element>& elements) {
  return elements.capacity() * sizeof(Element);
}

std::size_t heap_of_texts(const std::vector<std::string>& texts) {
  std::size_t bytes = heap_of(texts);
  for (const std::string& text : texts) bytes += heap_of(text);
  return bytes;
}

}  // namespace

bool TraceDigest::is_only_inferred(std::uint32_t service) const {
  return std::ranges::none_of(visits, [service](const ServiceVisit& visit) {
    return visit.service == service && !visit.is_inferred;
  });
}

std::size_t TraceDigest::bytes() const {
  std::size_t bytes = sizeof *this + heap_of(method) + heap_of(url) + heap_of(user_agent) +
                      heap_of(client_ip) + heap_of(services) + heap_of(visits) + heap_of(edges) +
                      heap_of(annotations) + heap_of(root_causes);
  for (const std::vector<std::string>* texts : {&users, &resource_arns, &instance_ids, &zones}) {
    bytes += heap_of_texts(*texts);
  }
  for (const DigestService& service : services) {
    bytes += heap_of(service.name) + heap_of(service.type) + heap_of(service.account);
  }
  for (const DigestAnnotation& annotation : annotations) {
    bytes += heap_of(annotation.key);
    if (const auto* text = std::get_if<std::string>(&annotation.value)) bytes += heap_of(*text);
  }
  for (const RootCause& cause : root_causes) {
    bytes += heap_of(cause.services) + heap_of(cause.entity) + heap_of(cause.type) +
             heap_of(cause.message);
  }
  return bytes;
}

TraceDigest make_digest(const TraceTree& tree, const StoredTrace& trace) {
  TraceDigest digest = DigestBuilder(tree).build();
  digest.id = trace.id();
  const auto is_refused = [](const StoredDocument& document) {
    return document.refusal.has_value();
  };
  digest.refused = static_cast<std::uint32_t>(std::ranges::count_if(trace.documents(), is_refused));
  return digest;
}

}  // namespace xtrace::collect
