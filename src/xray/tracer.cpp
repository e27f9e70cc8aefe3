#include <utility>

#include <unistd.h>

#include <xtrace/udp_emitter.h>

#include "base/ascii.h"
#include "base/fork.h"
#include "xray/header_views.h"
#include "xray/recording.h"
#include "xray/segment_tree.h"
#include "xray/tracer_state.h"

namespace xtrace {

namespace {

std::shared_ptr<Sampler> sampler_of(const TracerConfig& config) {
  if (config.sampler) return config.sampler;
  return std::make_shared<LocalSampler>(SamplingManifest{}, config.clock);
}

std::shared_ptr<Emitter> emitter_of(const FinalizedTracerConfig& config) {
  if (config.values().emitter) return config.values().emitter;
  if (config.values().is_disabled) return std::make_shared<NullEmitter>();
  return make_udp_emitter(config.daemon().udp, {.close_limit = config.values().close_limit});
}

SamplingDecision decided_by_caller(bool is_sampled) {
  return {.is_sampled = is_sampled, .reason = SamplingReason::caller};
}

SamplingDecision decide(TracerState& state, std::string_view name, Sampled callers,
                        SamplingRequest request) {
  if (callers == Sampled::yes) return decided_by_caller(true);
  if (callers == Sampled::no) return decided_by_caller(false);
  if (request.service_name.empty()) request.service_name = name;
  if (request.service_type.empty()) request.service_type = state.config.environment.origin;
  return state.sampler->decide(request);
}

/// What goes on with the trace, whether it is recorded or not.
template <class Header>
void keep_header(SegmentTree& tree, const Header& header) {
  if (header.root) tree.trace_id = *header.root;
  if (!header.root) tree.root_text.assign(tree.memory, header.root_text);
  for (const auto& field : header.extra) {
    FieldRecord& kept = tree.extra.append(tree.memory);
    kept.key.assign(tree.memory, field.key);
    kept.value.assign(tree.memory, field.value);
  }
  tree.tracestate.assign(tree.memory, header.tracestate);
}

TimePoint time_of(const TracerState& state) {
  return state.config.clock ? state.config.clock() : now();
}

void begin_unrecorded(SegmentTree& tree, const TracerState& state, bool has_root) {
  if (!state.config.has_real_unsampled_ids) return;
  if (!has_root) tree.trace_id = TraceId::generate(time_of(state).wall);
  tree.unrecorded_id = SegmentId::generate();
}

template <class Header>
SegmentNode& begin_recorded(SegmentTree& tree, const TracerState& state, std::string_view name,
                            const Header& header) {
  tree.began = time_of(state);
  if (!header.root) {
    // What is recorded has to go on under the id that it is recorded by.
    tree.trace_id = TraceId::generate(tree.began.wall);
    tree.root_text = {};
  }
  if (header.root && !header.parent.empty()) {
    if (const auto parent = SegmentId::parse(header.parent)) tree.parent_id = *parent;
  }
  SegmentNode& root = tree.add_node(name, nullptr);
  root.start = tree.began.wall;
  root.id = SegmentId::generate();
  return root;
}

struct BegunTree {
  SegmentTreeReference tree;
  SegmentNode* root = nullptr;
};

template <class Header>
BegunTree begin_tree(const std::shared_ptr<TracerState>& shared, std::string_view name,
                     const Header& header, const SamplingRequest& request) {
  TracerState& state = *shared;
  if (name.empty()) name = state.config.name;
  state.segments.fetch_add(1, std::memory_order_relaxed);
  const SamplingDecision decision = decide(state, name, header.sampled, request);
  SegmentTree& tree = take_tree();
  BegunTree begun{SegmentTreeReference{&tree}};
  tree.decision = decision;
  keep_header(tree, header);
  if (!decision.is_sampled) {
    begin_unrecorded(tree, state, header.root.has_value());
    return begun;
  }
  state.sampled.fetch_add(1, std::memory_order_relaxed);
  tree.home = shared;
  begun.root = &begin_recorded(tree, state, name, header);
  return begun;
}

void log_to_stderr(std::string_view sentence) {
  std::string line = "xtrace: ";
  line += sentence;
  line += '\n';
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace

TracerState::TracerState(const FinalizedTracerConfig& finalized)
    : config(finalized.values()),
      sampler(sampler_of(finalized.values())),
      emitter(emitter_of(finalized)) {}

void TracerState::send(const DocumentSet& documents) {
  emitter->emit(documents);
  if (!documents.refusals.empty()) log(refusal_log, documents.refusals.front().message);
}

void TracerState::log(LogLimit& kind, std::string_view sentence) {
  const auto kept_back = kind.pass(std::chrono::steady_clock::now());
  if (!kept_back) return;
  std::string text{sentence};
  if (*kept_back > 0) text += " (and " + std::to_string(*kept_back) + " more like this)";
  config.log ? config.log(text) : log_to_stderr(text);
}

Tracer::Tracer(const FinalizedTracerConfig& config)
    : state_(std::make_shared<TracerState>(config)) {}

Tracer::~Tracer() {
  state_->emitter->flush();
}

Segment Tracer::begin_segment(std::string_view name, const TraceHeader& header,
                              const SamplingRequest& request) {
  if (state_->config.is_disabled) return {};
  BegunTree begun = begin_tree(state_, name, header, request);
  return Segment{std::move(begun.tree), begun.root};
}

Segment Tracer::begin_viewed(std::string_view name, const HeaderViews& header,
                             const SamplingRequest& request) {
  if (state_->config.is_disabled) return {};
  BegunTree begun = begin_tree(state_, name, header, request);
  return Segment{std::move(begun.tree), begun.root};
}

Segment TracerInside::begin_segment(Tracer& tracer, std::string_view name,
                                    const HeaderViews& header, const SamplingRequest& request) {
  return tracer.begin_viewed(name, header, request);
}

void Tracer::end_answered(Segment& segment, const HttpResponseFacts& response) {
  if (segment.node_ == nullptr || segment.tree_->generation != fork_generation()) return;
  end_with_response(*segment.tree_, *segment.node_, response);
}

void TracerInside::end_segment(Segment& segment, const HttpResponseFacts& response) {
  Tracer::end_answered(segment, response);
}

Segment Tracer::begin_facade(const TraceHeader& header) {
  TracerState& state = *state_;
  if (state.config.is_disabled) return {};
  SegmentTree& tree = take_tree();
  SegmentTreeReference reference{&tree};
  const auto own_id = SegmentId::parse(header.parent);
  tree.decision = decided_by_caller(header.sampled == Sampled::yes && header.root && own_id);
  keep_header(tree, header);
  if (!tree.decision.is_sampled) return Segment{std::move(reference), nullptr};
  tree.home = state_;
  tree.is_facade = true;
  tree.began = time_of(state);
  SegmentNode& root = tree.add_node(state.config.name, nullptr);
  root.start = tree.began.wall;
  root.id = *own_id;
  root.is_sent = true;
  return Segment{std::move(reference), &root};
}

const SegmentContext& Tracer::current(std::string_view purpose) {
  const SegmentContext& context = current_context();
  if (context.has_trace() || state_->config.is_disabled) return context;
  state_->missing_contexts.fetch_add(1, std::memory_order_relaxed);
  if (state_->config.context_missing == ContextMissing::ignore) return context;
  std::string sentence{purpose};
  sentence += ": this thread has no current segment (ContextScope)";
  if (state_->config.context_missing == ContextMissing::runtime_error) {
    throw MissingContext{sentence};
  }
  state_->log(state_->missing_context_log, sentence);
  return context;
}

Subsegment Tracer::begin_subsegment(std::string_view name, const SubsegmentOptions& options) {
  if (!current_context().has_trace()) {
    std::string purpose = "begin subsegment \"";
    purpose += name;
    purpose += '"';
    return current(purpose).begin_subsegment(name, options);
  }
  return current_context().begin_subsegment(name, options);
}

Emitter& Tracer::emitter() {
  return *state_->emitter;
}

Sampler& Tracer::sampler() {
  return *state_->sampler;
}

TracerStats Tracer::stats() const {
  return {.segments = state_->segments.load(std::memory_order_relaxed),
          .sampled = state_->sampled.load(std::memory_order_relaxed),
          .missing_contexts = state_->missing_contexts.load(std::memory_order_relaxed),
          .late_values = state_->late_values.load(std::memory_order_relaxed)};
}

bool Tracer::is_disabled() const {
  return state_->config.is_disabled;
}

}  // namespace xtrace
