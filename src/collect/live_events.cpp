#include "collect/live_events.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <span>
#include <utility>

#include "base/json_writer.h"
#include "collect/build_version.h"
#include "collect/stats_json.h"
#include "collect/trace_json.h"

namespace xtrace::collect {

namespace {

constexpr std::string_view kComment = ":\n\n";

std::string epoch_now() {
  const auto since = system_clock()().wall.time_since_epoch();
  return std::to_string(std::chrono::duration_cast<std::chrono::microseconds>(since).count());
}

std::optional<std::uint64_t> read_revision(std::string_view text) {
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  if (text.empty() || read.ec != std::errc{} || read.ptr != end) return {};
  return number;
}

}  // namespace

/// One client. It waits for text where `on_read_` is set.
class LiveEvents::Stream final : public BodySource {
 public:
  Stream(LiveEvents& hub, std::uint64_t known, Text first)
      : seen(known), hub_(&hub), next_(std::move(first)) {}
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  ~Stream() override {
    if (hub_ != nullptr) hub_->remove(this);
  }

  std::optional<std::uint64_t> size() const override { return {}; }
  void read(Callback<void(Expected<std::span<const std::byte>>)> on_read) override {
    on_read_ = std::move(on_read);
    if (next_) return give(std::exchange(next_, nullptr));
    if (hub_ == nullptr) return give(std::make_shared<const std::string>());
    if (seen < hub_->store_.revision()) hub_->note_change();
  }

  bool is_waiting() const { return static_cast<bool>(on_read_); }
  /// An empty text is the end. May destroy this.
  void give(Text text) {
    lent_ = std::move(text);
    auto on_read = std::exchange(on_read_, {});
    on_read(std::as_bytes(std::span(*lent_)));
  }
  /// May destroy this.
  void end() {
    hub_ = nullptr;
    if (is_waiting()) give(std::make_shared<const std::string>());
  }

  std::uint64_t seen;  ///< The revision that the client knows, or will with what it was given.

 private:
  LiveEvents* hub_;  // null where it has ended
  Text next_;
  Text lent_;
  Callback<void(Expected<std::span<const std::byte>>)> on_read_;
};

LiveEvents::LiveEvents(Loop& loop, const LiveEventsConfig& config, const TraceStore& store,
                       std::function<CollectorStats()> stats)
    : config_(config),
      store_(store),
      stats_(std::move(stats)),
      epoch_(epoch_now()),
      due_(loop),
      keep_alive_(loop) {
  due_.unref();
  keep_alive_.unref();
}

LiveEvents::~LiveEvents() {
  close();
}

std::unique_ptr<BodySource> LiveEvents::open(std::string_view last_id,
                                             std::optional<std::uint64_t> revision) {
  const std::uint64_t current = store_.revision();
  if (!last_id.empty()) {
    const bool is_ours =
        last_id.starts_with(epoch_) && last_id.substr(epoch_.size()).starts_with('-');
    revision = is_ours ? read_revision(last_id.substr(epoch_.size() + 1)) : std::nullopt;
    if (!revision) revision = current + 1;
  }
  const bool is_reset = revision.value_or(current) > current;
  const std::uint64_t seen = is_reset ? current : revision.value_or(current);
  auto stream = std::make_unique<Stream>(*this, seen, hello(seen, is_reset));
  if (is_closed_) {
    stream->end();
    return stream;
  }
  streams_.push_back(stream.get());
  ++open_;
  if (seen < current) note_change();
  if (!keep_alive_.is_armed())
    keep_alive_.arm_every(config_.keep_alive, [this] { on_keep_alive(); });
  return stream;
}

void LiveEvents::close() {
  is_closed_ = true;
  due_.disarm();
  keep_alive_.disarm();
  is_telling_ = true;
  // Not a range: whoever is told may open another.
  for (std::size_t i = 0; i < streams_.size(); ++i) {  // NOLINT(modernize-loop-convert)
    if (Stream* const stream = std::exchange(streams_[i], nullptr)) stream->end();
  }
  is_telling_ = false;
  streams_.clear();
  open_ = 0;
}

void LiveEvents::wake() {
  is_due_ = true;
  due_.arm(std::max<Duration>(next_due_ - tick_now(), config_.gather), [this] { on_due(); });
}

void LiveEvents::on_due() {
  is_due_ = false;
  const Tick begun = tick_now();
  const std::uint64_t revision = store_.revision();
  const CollectorStats stats = stats_();
  const bool has_strays = std::exchange(told_strays_, stats.store.strays) != stats.store.strays;
  std::map<std::uint64_t, Text> texts;  // by what their clients know
  give_all([&](Stream& stream) {
    if (stream.seen >= revision && !has_strays) return Text();
    Text& text = texts[stream.seen];
    if (!text) text = changes_since(stream.seen, stats);
    stream.seen = revision;
    return text;
  });
  next_due_ = begun + std::max(config_.period, 4 * (tick_now() - begun));
}

void LiveEvents::on_keep_alive() {
  const Text comment = std::make_shared<const std::string>(kComment);
  give_all([&comment](Stream&) { return Text(comment); });
}

void LiveEvents::give_all(const std::function<Text(Stream&)>& text_for) {
  is_telling_ = true;
  for (std::size_t i = 0; i < streams_.size(); ++i) {  // NOLINT(modernize-loop-convert)
    Stream* const stream = streams_[i];
    if (stream == nullptr || !stream->is_waiting()) continue;
    if (Text text = text_for(*stream)) stream->give(std::move(text));
  }
  is_telling_ = false;
  compact();
}

void LiveEvents::remove(const Stream* stream) {
  const auto found = std::ranges::find(streams_, stream);
  if (found == streams_.end()) return;
  *found = nullptr;
  --open_;
  if (!is_telling_) compact();
}

void LiveEvents::compact() {
  std::erase(streams_, nullptr);
  if (streams_.empty()) keep_alive_.disarm();
}

std::string LiveEvents::begin_event(std::string_view name, std::uint64_t revision) const {
  std::string text = "id: " + epoch_ + "-" + std::to_string(revision) + "\nevent: ";
  return text.append(name).append("\ndata: ");
}

LiveEvents::Text LiveEvents::hello(std::uint64_t seen, bool is_reset) const {
  std::string data;
  {
    JsonWriter json(data);
    json.begin_object();
    json.key("revision");
    json.unsigned_integer(store_.revision());
    json.key("version");
    json.string(kBuildVersion);
    json.key("reset");
    json.boolean(is_reset);
    json.end_object();
  }
  return std::make_shared<const std::string>("retry: 1000\n" + begin_event("hello", seen) + data +
                                             "\n\n");
}

LiveEvents::Text LiveEvents::changes_since(std::uint64_t from, const CollectorStats& stats) const {
  std::size_t changed = 0;
  std::string data;
  JsonWriter json(data);
  json.begin_object();
  json.key("revision");
  json.unsigned_integer(store_.revision());
  json.key("traces");
  json.begin_array();
  store_.visit_newest([&](const StoredTrace& trace) {
    if (trace.revision() <= from) return false;
    if (changed++ < config_.rows) write_row(json, trace, store_.digest(trace));
    return true;
  });
  json.end_array();
  json.key("missed");
  const std::size_t unlisted = changed - std::min(changed, config_.rows);
  json.unsigned_integer(store_.remembers(from) ? unlisted : std::max<std::size_t>(unlisted, 1));
  json.key("removed");
  json.begin_array();
  for (const TraceId& id : store_.removed_since(from)) json.string(id.text());
  json.end_array();
  json.key("stats");
  write_stats(json, stats);
  json.end_object();
  return std::make_shared<const std::string>(begin_event("change", store_.revision()) +
                                             without_markup(std::move(data)) + "\n\n");
}

}  // namespace xtrace::collect
