#include "collect/digest_builder.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "collect/critical_path.h"
#include "collect/value_reader.h"

namespace xtrace::collect {

namespace {

constexpr std::uint32_t kNone = TraceNode::kNone;
// One may be five bytes of a document, and is a hundred here.
constexpr std::size_t kMostAnnotations = 500'000;

void note(std::vector<std::string>& texts, std::string_view text) {
  if (!text.empty()) texts.emplace_back(text);
}

/// Each once, whatever the order of the documents.
void settle(std::vector<std::string>& texts) {
  std::ranges::sort(texts);
  texts.erase(std::unique(texts.begin(), texts.end()), texts.end());
  texts.shrink_to_fit();
}

void settle(std::vector<DigestAnnotation>& annotations) {
  const auto key = [](const DigestAnnotation& annotation) {
    return std::tie(annotation.key, annotation.service, annotation.value);
  };
  std::ranges::sort(annotations, {}, key);
  const auto is_same = [&key](const DigestAnnotation& left, const DigestAnnotation& right) {
    return key(left) == key(right);
  };
  annotations.erase(std::unique(annotations.begin(), annotations.end(), is_same),
                    annotations.end());
  annotations.shrink_to_fit();
}

}  // namespace

DigestBuilder::DigestBuilder(const TraceTree& tree) : tree_(tree) {
  node_services_.own.assign(tree.nodes.size(), kUnknown);
  node_services_.called.assign(tree.nodes.size(), kUnknown);
  calls_.assign(tree.nodes.size(), kNone);
}

TraceDigest DigestBuilder::build() {
  find_entry();
  for (std::uint32_t index = 0; index < tree_.nodes.size(); ++index) {
    if (tree_.nodes[index].is_segment) {
      add_segment(index);
    } else {
      add_subsegment(index);
    }
    add_annotations(index);
  }
  digest_.root_causes = find_root_causes(tree_, node_services_);
  add_entry();
  add_totals();
  return std::move(digest_);
}

/// The first root segment; where there is none, a segment whose caller is unknown; or whatever
/// there is.
void DigestBuilder::find_entry() {
  const auto rank = [this](std::uint32_t index) {
    const TraceNode& node = tree_.nodes[index];
    if (!node.is_segment) return 0;
    if (node.parent != kNone) return 1;
    return node.is_waiting ? 2 : 3;
  };
  for (std::uint32_t index = 0; index < tree_.nodes.size(); ++index) {
    if (entry_ == kNone || rank(index) > rank(entry_)) entry_ = index;
  }
  has_root_ = entry_ != kNone && rank(entry_) == 3;
}

void DigestBuilder::add_segment(std::uint32_t index) {
  const TraceNode& node = tree_.nodes[index];
  const AwsFacts aws = read_aws(node.aws, decoded_);
  const std::uint32_t service = services_.number_of(node.name, node.origin, aws.account);
  node_services_.own[index] = service;
  add_visit(index, service, false);
  if (node.parent == kNone) {
    add_edge(kUnknown, service, index);
  } else {
    const bool has_call = !tree_.nodes[node.parent].is_segment;
    add_edge(node_services_.own[node.parent], service, has_call ? node.parent : index);
  }
  ++digest_.segments;
  note(digest_.instance_ids, aws.instance_id);
  note(digest_.zones, aws.zone);
}

void DigestBuilder::add_subsegment(std::uint32_t index) {
  const TraceNode& node = tree_.nodes[index];
  ++digest_.subsegments;
  if (node.parent != kNone) {
    node_services_.own[index] = node_services_.own[node.parent];
    node_services_.called[index] = node_services_.called[node.parent];
    calls_[index] = calls_[node.parent];
  } else if (!tree_.nodes[entry_].is_segment) {
    // One of several of a segment that nobody sent.
    node_services_.own[index] = node_services_.own[entry_];
  }
  if (node.is_call()) {
    // What a call is sent again with, or led on to, is told by the call unless it goes elsewhere.
    const std::uint32_t outer = std::exchange(calls_[index], index);
    const bool is_part = outer != kNone && tree_.nodes[outer].name == node.name;
    if (node.is_inferred && !is_part) add_call(index, read_aws(node.aws, decoded_));
  } else if (index == entry_) {
    const std::uint32_t service = services_.number_of(node.name, {}, {});
    node_services_.own[index] = service;
    add_visit(index, service, true);
    add_edge(kUnknown, service, index);
  }
}

void DigestBuilder::add_call(std::uint32_t index, const AwsFacts& aws) {
  const CallTarget target = target_of(tree_.nodes[index], aws);
  const std::uint32_t service = services_.number_of(target.name, target.type, aws.account);
  node_services_.called[index] = service;
  add_visit(index, service, true);
  add_edge(node_services_.own[index], service, index);
}

void DigestBuilder::add_visit(std::uint32_t index, std::uint32_t service, bool is_inferred) {
  const TraceNode& node = tree_.nodes[index];
  const bool is_root = node.parent == kNone && node.is_segment && !node.is_waiting;
  digest_.visits.push_back({.service = service,
                            .is_inferred = is_inferred,
                            .is_in_progress = node.is_in_progress,
                            .is_root = is_root || index == entry_,
                            .flags = node.flags,
                            .status = node.http.status,
                            .start = node.start,
                            .duration = duration_of(node)});
}

void DigestBuilder::add_edge(std::uint32_t from, std::uint32_t to, std::uint32_t seen_by) {
  const TraceNode& node = tree_.nodes[seen_by];
  digest_.edges.push_back({.from = from,
                           .to = to,
                           .flags = node.flags,
                           .start = node.start,
                           .duration = duration_of(node)});
}

void DigestBuilder::add_annotations(std::uint32_t index) {
  const TraceNode& node = tree_.nodes[index];
  if (node.annotations.empty()) return;
  const std::uint32_t own = node_services_.own[index];
  ValueReader reader(node.annotations, decoded_);
  reader.object([this, &reader, own](std::string_view key) {
    if (digest_.annotations.size() >= kMostAnnotations) return reader.skip();
    DigestAnnotation annotation{.key = std::string(key), .value = {}, .service = own};
    const char first = reader.token();
    if (first == '"') {
      annotation.value = std::string(reader.text());
    } else if (first == 't' || first == 'f') {
      annotation.value = reader.flag();
    } else if (const std::optional<double> number = reader.number()) {
      annotation.value = *number;
    } else {
      return;
    }
    digest_.annotations.push_back(std::move(annotation));
  });
}

void DigestBuilder::add_entry() {
  if (entry_ == kNone) return;
  const TraceNode& entry = tree_.nodes[entry_];
  const std::uint32_t called = node_services_.called[entry_];
  digest_.entry = called != kUnknown ? called : node_services_.own[entry_];
  digest_.response_time = duration_of(entry);
  digest_.method = entry.http.method;
  digest_.url = entry.http.url;
  digest_.user_agent = entry.http.user_agent;
  digest_.client_ip = entry.http.client_ip;
  digest_.status = entry.http.status;
  for (DigestAnnotation& annotation : digest_.annotations) {
    if (annotation.service == kUnknown) annotation.service = digest_.entry;
  }
}

void DigestBuilder::add_totals() {
  for (const TraceNode& node : tree_.nodes) {
    digest_.flags.error = digest_.flags.error || node.flags.error;
    digest_.flags.throttle = digest_.flags.throttle || node.flags.throttle;
    digest_.flags.fault = digest_.flags.fault || node.flags.fault;
    digest_.is_in_progress = digest_.is_in_progress || node.is_in_progress;
    note(digest_.users, node.user);
    note(digest_.resource_arns, node.resource_arn);
  }
  digest_.is_complete = is_complete();
  digest_.start = tree_.start;
  digest_.duration = tree_.end - tree_.start;
  digest_.waiting = static_cast<std::uint32_t>(tree_.waiting);
  digest_.duplicates = static_cast<std::uint32_t>(tree_.duplicates);
  digest_.services = services_.take();
  digest_.visits.shrink_to_fit();
  digest_.edges.shrink_to_fit();
  settle(digest_.annotations);
  settle(digest_.users);
  settle(digest_.resource_arns);
  settle(digest_.instance_ids);
  settle(digest_.zones);
}

bool DigestBuilder::is_complete() const {
  // A call that failed without an answer may have reached nobody.
  const auto is_awaited = [](const TraceNode& node) {
    const bool has_failed = node.flags.fault || node.flags.error;
    return node.http.is_traced && node.is_inferred && (node.http.status != 0 || !has_failed);
  };
  return has_root_ && tree_.waiting == 0 && !digest_.is_in_progress &&
         std::ranges::none_of(tree_.nodes, is_awaited);
}

double DigestBuilder::duration_of(const TraceNode& node) const {
  return node.start == 0 ? 0 : end_of(node, tree_) - node.start;
}

}  // namespace xtrace::collect
