#include <cmath>
#include <utility>

#include <xtrace/segment.h>

#include "xray/correct.h"
#include "xray/document.h"
#include "xray/segment_tree.h"

namespace xtrace {

namespace {

constexpr std::size_t kMaxText = 250;
constexpr std::size_t kMaxAnnotationText = 1000;
constexpr std::size_t kMaxExceptions = 32;
constexpr std::string_view kReservedSpace = "AWS.";

std::string mended(SegmentTree& tree, Corrected corrected) {
  tree.corrected += corrected.is_changed ? 1U : 0U;
  return std::move(corrected.text);
}

std::string short_text(SegmentTree& tree, std::string_view text) {
  return mended(tree, correct_text(text, kMaxText));
}

HttpRecord& http_of(SegmentNode& node) {
  if (!node.http) node.http.emplace();
  return *node.http;
}

void add_flags(SegmentNode& node, const Flags& flags) {
  node.flags.error |= flags.error;
  node.flags.throttle |= flags.throttle;
  node.flags.fault |= flags.fault;
}

/// Finds the element whose `member` equals `name`, or appends one.
template <class Element>
Element& find_or_add(std::vector<Element>& elements, std::string Element::*member,
                     std::string_view name, Element fresh) {
  for (Element& element : elements) {
    if (element.*member == name) return element;
  }
  elements.push_back(std::move(fresh));
  elements.back().*member = name;
  return elements.back();
}

MetadataEntry& metadata_entry(SegmentTree& tree, SegmentNode& node, std::string_view space,
                              std::string_view key) {
  if (space.starts_with(kReservedSpace)) {
    space.remove_prefix(kReservedSpace.size());
    ++tree.corrected;
  }
  if (space.empty()) space = "default";
  MetadataSpace& found = find_or_add(node.metadata, &MetadataSpace::name, space, {});
  return find_or_add(found.entries, &MetadataEntry::key, key, {.key = {}, .value = false});
}

/// A line of a file holds one document, so white space between tokens must not break it.
std::string without_line_ends(std::string_view json) {
  std::string text{json};
  for (char& c : text) {
    if (c == '\n' || c == '\r') c = ' ';
  }
  return text;
}

}  // namespace

SegmentOptions continue_trace(const TraceHeader& header) {
  SegmentOptions options;
  options.trace_id = header.root;
  const Expected<SegmentId> parent = SegmentId::parse(header.parent);
  if (parent) options.parent_id = *parent;
  return options;
}

SegmentHandle::SegmentHandle(std::shared_ptr<SegmentTree> tree, SegmentNode* node)
    : tree_(std::move(tree)), node_(node) {}

SegmentHandle::SegmentHandle(SegmentHandle&& other) noexcept
    : tree_(std::move(other.tree_)), node_(std::exchange(other.node_, nullptr)) {}

SegmentHandle& SegmentHandle::operator=(SegmentHandle&& other) noexcept {
  if (this == &other) return *this;
  end();
  tree_ = std::move(other.tree_);
  node_ = std::exchange(other.node_, nullptr);
  return *this;
}

SegmentHandle::~SegmentHandle() {
  end();
}

SegmentId SegmentHandle::id() const {
  return node_ == nullptr ? SegmentId{} : node_->id;
}

TraceId SegmentHandle::trace_id() const {
  return node_ == nullptr ? TraceId{} : tree_->trace_id;
}

Subsegment SegmentHandle::begin_subsegment(std::string_view name,
                                           const SubsegmentOptions& options) {
  if (node_ == nullptr) return {};
  const SegmentId id = options.id ? *options.id : SegmentId::generate();
  const std::scoped_lock lock{tree_->mutex};
  SegmentNode& node = tree_->add_node(name, node_);
  node.id = id;
  node.start = options.start ? *options.start : tree_->now();
  return Subsegment{tree_, &node};
}

void SegmentHandle::set_http_request(const HttpRequestFacts& request) {
  if (node_ == nullptr) return;
  const std::scoped_lock lock{tree_->mutex};
  HttpRecord& http = http_of(*node_);
  http.method = short_text(*tree_, request.method);
  http.url = request.keep_secrets ? std::string{request.url} : strip_secrets(request.url);
  http.user_agent = short_text(*tree_, request.user_agent);
  http.client_ip = short_text(*tree_, request.client_ip);
  http.is_forwarded = request.is_forwarded;
  http.is_traced = request.is_traced;
}

void SegmentHandle::set_http_response(const HttpResponseFacts& response) {
  if (node_ == nullptr) return;
  const std::scoped_lock lock{tree_->mutex};
  HttpRecord& http = http_of(*node_);
  http.status = response.status;
  http.content_length = response.content_length;
}

void SegmentHandle::set_status(int status) {
  if (node_ == nullptr) return;
  const std::scoped_lock lock{tree_->mutex};
  http_of(*node_).status = status;
  add_flags(*node_, flags_of_status(status));
}

void SegmentHandle::set_flags(const Flags& flags) {
  if (node_ == nullptr) return;
  const std::scoped_lock lock{tree_->mutex};
  node_->flags = flags;
}

Flags SegmentHandle::flags() const {
  if (node_ == nullptr) return {};
  const std::scoped_lock lock{tree_->mutex};
  return node_->flags;
}

void SegmentHandle::add_exception(std::string_view type, std::string_view message,
                                  ExceptionOrigin origin) {
  if (node_ == nullptr) return;
  const std::scoped_lock lock{tree_->mutex};
  node_->flags.fault = true;
  if (node_->exceptions.size() == kMaxExceptions) {
    ++tree_->corrected;
    return;
  }
  node_->exceptions.push_back(
      {SegmentId::generate(), short_text(*tree_, type), std::string{message}, origin});
}

void SegmentHandle::annotate(std::string_view key, const Scalar& value) {
  if (node_ == nullptr) return;
  const std::scoped_lock lock{tree_->mutex};
  const std::string mended_key = mended(*tree_, correct_annotation_key(key));
  const double* number = std::get_if<double>(&value.data());
  if (mended_key.empty() || (number != nullptr && !std::isfinite(*number))) {
    tree_->corrected += number == nullptr || std::isfinite(*number) ? 0U : 1U;
    tree_->corrected += mended_key.empty() ? 1U : 0U;
    return;
  }
  Annotation& annotation = find_or_add(node_->annotations, &Annotation::key, mended_key,
                                       Annotation{.key = {}, .value = false});
  if (const auto* text = std::get_if<std::string>(&value.data())) {
    annotation.value = mended(*tree_, correct_text(*text, kMaxAnnotationText));
  } else {
    annotation.value = value;
  }
}

void SegmentHandle::set_metadata(std::string_view space, std::string_view key,
                                 const Scalar& value) {
  if (node_ == nullptr) return;
  const std::scoped_lock lock{tree_->mutex};
  MetadataEntry& entry = metadata_entry(*tree_, *node_, space, key);
  entry.value = value;
  entry.is_json = false;
}

void SegmentHandle::set_metadata_json(std::string_view space, std::string_view key,
                                      std::string_view json) {
  if (node_ == nullptr) return;
  const std::scoped_lock lock{tree_->mutex};
  MetadataEntry& entry = metadata_entry(*tree_, *node_, space, key);
  entry.value = without_line_ends(json);
  entry.is_json = true;
}

void SegmentHandle::end() {
  if (node_ == nullptr) return;
  const std::scoped_lock lock{tree_->mutex};
  if (!node_->end) tree_->end_node(*node_, tree_->now());
}

void SegmentHandle::end(WallTime at) {
  if (node_ == nullptr) return;
  const std::scoped_lock lock{tree_->mutex};
  tree_->end_node(*node_, at);
}

bool SegmentHandle::is_ended() const {
  if (node_ == nullptr) return true;
  const std::scoped_lock lock{tree_->mutex};
  return node_->end.has_value();
}

Subsegment::Subsegment(std::shared_ptr<SegmentTree> tree, SegmentNode* node)
    : SegmentHandle(std::move(tree), node) {}

void Subsegment::set_namespace(Namespace space) {
  if (node_ == nullptr) return;
  const std::scoped_lock lock{tree_->mutex};
  node_->space = space;
}

Segment::Segment(std::shared_ptr<SegmentTree> tree, SegmentNode* node)
    : SegmentHandle(std::move(tree), node) {}

Segment Segment::begin(std::string_view name, const SegmentOptions& options) {
  auto tree = std::make_shared<SegmentTree>();
  tree->clock = options.clock;
  tree->began = options.clock ? options.clock() : now();
  tree->parent_id = options.parent_id;
  SegmentNode& root = tree->add_node(name, nullptr);
  root.start = options.start ? *options.start : tree->began.wall;
  root.id = options.id ? *options.id : SegmentId::generate();
  tree->trace_id = options.trace_id ? *options.trace_id : TraceId::generate(root.start);
  return Segment{std::move(tree), &root};
}

void Segment::set_user(std::string_view user) {
  if (node_ == nullptr) return;
  const std::scoped_lock lock{tree_->mutex};
  tree_->user = short_text(*tree_, user);
}

void Segment::set_origin(std::string_view origin) {
  if (node_ == nullptr) return;
  const std::scoped_lock lock{tree_->mutex};
  tree_->origin = short_text(*tree_, origin);
}

void Segment::set_service_version(std::string_view version) {
  if (node_ == nullptr) return;
  const std::scoped_lock lock{tree_->mutex};
  tree_->service_version = short_text(*tree_, version);
}

std::size_t Segment::subsegment_count() const {
  if (node_ == nullptr) return 0;
  const std::scoped_lock lock{tree_->mutex};
  return tree_->nodes.size() - 1;
}

DocumentSet Segment::documents(const DocumentLimits& limits) const {
  DocumentSet set;
  write_documents(set, limits);
  return set;
}

void Segment::write_documents(DocumentSet& reused, const DocumentLimits& limits) const {
  if (node_ == nullptr) {
    reused = {};
    return;
  }
  const std::scoped_lock lock{tree_->mutex};
  write_tree(*tree_, limits, reused);
}

}  // namespace xtrace
