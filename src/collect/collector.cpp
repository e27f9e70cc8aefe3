#include "collect/collector.h"

#include <utility>

#include "collect/document_facts.h"
#include "collect/finish_watch.h"
#include "collect/live_events.h"
#include "collect/other_exports.h"
#include "collect/request_guard.h"
#include "collect/web_answer.h"
#include "collect/web_api.h"
#include "loop/timer.h"
#include "net/next_turn.h"

namespace xtrace::collect {

namespace {

CollectorConfig complete(CollectorConfig config) {
  if (!config.clock) config.clock = system_clock();
  if (!config.api.clock) config.api.clock = config.clock;
  return config;
}

Error with_holder(Error error, const Address& address) {
  const std::string holder = holder_of_port(address, false);
  if (!holder.empty()) error.message += ", " + holder;
  return error;
}

}  // namespace

struct Collector::Impl {
  Impl(Loop& on_loop, const CollectorConfig& wanted);

  Expected<void> start();
  Expected<void> listen_udp();
  Expected<std::unique_ptr<HttpServer>> serve(const Address& address, HttpHandler handler) const;
  RequestGuard guard_of(const HttpServer& server) const;

  std::optional<ServiceError> take(std::string_view document, Door door, WallTime received);
  void note_change();
  void handle_tcp(ServerCall call);
  void handle_web(ServerCall call);
  /// Whether the call was answered, since it may not ask for that.
  bool turn_away(ServerCall& call, const RequestGuard& guard, Asked asked);
  CollectorStats stats() const;

  void begin_close();
  void end_part();
  void close_taps();

  Loop& loop;
  const CollectorConfig config;
  const WallTime started;
  TraceStore store;
  std::unique_ptr<Journal> journal;
  std::vector<std::unique_ptr<DocumentTap>> taps;
  std::vector<Finished> listeners;
  DoorCounts doors;
  std::uint64_t turned_away = 0;
  FinishWatch watch;
  LiveEvents events;
  WebApi web_api;
  std::unique_ptr<XrayApi> api;
  std::optional<RequestGuard> tcp_guard;
  std::optional<RequestGuard> web_guard;
  std::unique_ptr<UdpReceiver> udp;
  UdpReceiverStats udp_stats;  // of a receiver that is closed
  std::unique_ptr<HttpServer> tcp;
  std::unique_ptr<HttpServer> web;

  Timer cut_off;  // of requests that do not end
  NextTurn next_turn;
  Callback<void()> on_closed;
  std::size_t parts_open = 0;  // what the closing waits for
  bool are_taps_closing = false;
};

Collector::Impl::Impl(Loop& on_loop, const CollectorConfig& wanted)
    : loop(on_loop),
      config(complete(wanted)),
      started(config.clock().wall),
      store(config.limits),
      watch(loop, {.settle = config.settle, .patience = config.patience, .clock = config.clock},
            store,
            [this](const StoredTrace& trace, const TraceDigest& digest, bool is_complete,
                   bool is_again) {
              for (const Finished& tell : listeners) tell(trace, digest, is_complete, is_again);
            }),
      events(loop, {}, store, [this] { return stats(); }),
      web_api({.store = store,
               .events = events,
               .stats = [this] { return stats(); },
               .on_cleared = [this] { note_change(); }}),
      cut_off(loop),
      next_turn(loop) {
  web_api.add_export(xray_export());
  for (TraceExport& format : other_exports()) web_api.add_export(std::move(format));
}

// -- the beginning --------------------------------------------------------------------------------

Expected<void> Collector::Impl::start() {
  auto made = XrayApi::make(config.api, store, [this](std::string_view document) {
    return take(document, Door::tcp, config.clock().wall);
  });
  if (const Error* error = made.if_error()) return *error;
  api = std::move(*made);
  if (!config.save_path.empty()) {
    auto opened = Journal::open(config.save_path);
    if (const Error* error = opened.if_error()) return *error;
    journal = std::move(*opened);
  }
  if (auto listening = listen_udp(); !listening) return listening;
  if (config.tcp) {
    auto served = serve(*config.tcp, [this](ServerCall call) { handle_tcp(std::move(call)); });
    if (const Error* error = served.if_error()) return *error;
    tcp = std::move(*served);
    tcp_guard = guard_of(*tcp);
  }
  if (config.web) {
    auto served = serve(*config.web, [this](ServerCall call) { handle_web(std::move(call)); });
    if (const Error* error = served.if_error()) return *error;
    web = std::move(*served);
    web_guard = guard_of(*web);
  }
  return {};
}

Expected<void> Collector::Impl::listen_udp() {
  if (!config.udp) return {};
  auto listening = UdpReceiver::listen(loop, {.address = *config.udp},
                                       [this](std::string_view document, WallTime received) {
                                         take(document, Door::udp, received);
                                       });
  if (const Error* error = listening.if_error()) return *error;
  udp = std::move(*listening);
  return {};
}

Expected<std::unique_ptr<HttpServer>> Collector::Impl::serve(const Address& address,
                                                             HttpHandler handler) const {
  auto listening = HttpServer::listen(loop, {.address = address}, std::move(handler));
  if (const Error* error = listening.if_error()) return with_holder(*error, address);
  return listening;
}

RequestGuard Collector::Impl::guard_of(const HttpServer& server) const {
  std::vector<std::string> names = names_of_machine();
  names.insert(names.end(), config.host_names.begin(), config.host_names.end());
  return {server.address(), std::move(names)};
}

// -- documents ------------------------------------------------------------------------------------

std::optional<ServiceError> Collector::Impl::take(std::string_view document, Door door,
                                                  WallTime received) {
  const std::optional<ServiceError> refusal = store.add(document, door, received);
  if (door == Door::file) {
    ++doors.file;
  } else {
    ++(door == Door::udp ? doors.udp : doors.tcp);
    // What is no JSON would spoil a file of JSON lines; Python's NaN is read back.
    const bool is_line =
        refusal != ServiceError::parse_error || read_document_facts(document).trace_id.has_value();
    if (journal && is_line) journal->append(document);
    for (const auto& tap : taps) tap->take(document);
  }
  note_change();
  return refusal;
}

void Collector::Impl::note_change() {
  watch.note_change();
  events.note_change();
}

// -- requests -------------------------------------------------------------------------------------

void Collector::Impl::handle_tcp(ServerCall call) {
  const bool is_api = XrayApi::is_mine(call.request());
  if (turn_away(call, *tcp_guard, is_api ? Asked::api : Asked::data)) return;
  if (is_api) return api->handle(std::move(call));
  if (WebApi::is_watched(call.request().path)) return web_api.handle(std::move(call));
  answer_error(std::move(call), 404,
               "This port has the X-Ray API, /health, /api/stats and /metrics; the page has a port "
               "of its own.");
}

void Collector::Impl::handle_web(ServerCall call) {
  const bool is_api = XrayApi::is_mine(call.request());
  const Asked other = WebApi::is_page(call.request().path) ? Asked::page : Asked::data;
  if (turn_away(call, *web_guard, is_api ? Asked::api : other)) return;
  if (is_api) return api->handle(std::move(call));
  web_api.handle(std::move(call));
}

bool Collector::Impl::turn_away(ServerCall& call, const RequestGuard& guard, Asked asked) {
  add_safe_fields(call);
  const std::optional<std::string> refusal = guard.refusal(call.request(), asked);
  if (!refusal) return false;
  ++turned_away;
  answer_error(std::move(call), 403, *refusal);
  return true;
}

CollectorStats Collector::Impl::stats() const {
  CollectorStats stats;
  stats.store = store.stats();
  stats.doors = doors;
  stats.udp = udp ? udp->stats() : udp_stats;
  if (tcp) stats.tcp = tcp->stats();
  if (web) stats.web = web->stats();
  if (api) stats.api = api->stats();
  if (journal) stats.journal = journal->stats();
  for (const auto& tap : taps)
    stats.taps.push_back({tap->target(), tap->counters(), tap->last_error()});
  stats.turned_away = turned_away;
  stats.event_streams = events.streams();
  stats.finished = watch.finished();
  stats.started = started;
  return stats;
}

// -- the end --------------------------------------------------------------------------------------

void Collector::Impl::begin_close() {
  if (udp) {
    udp->drain();
    udp_stats = udp->stats();
    udp.reset();
  }
  events.close();
  parts_open = 1;
  for (HttpServer* const server : {tcp.get(), web.get()}) {
    if (server == nullptr) continue;
    ++parts_open;
    server->close([this] { end_part(); });
  }
  cut_off.arm(config.close_limit, [this] {
    if (tcp) tcp->abort();
    if (web) web->abort();
  });
  end_part();
}

// First the requests end, for they may bring documents; then whoever gets documents.
void Collector::Impl::end_part() {
  if (--parts_open > 0) return;
  cut_off.disarm();
  if (!std::exchange(are_taps_closing, true)) return close_taps();
  auto tell = std::exchange(on_closed, {});
  tell();  // may destroy this
}

void Collector::Impl::close_taps() {
  watch.finish_all();
  if (journal) journal->flush();
  parts_open = taps.size() + 1;
  for (const auto& tap : taps) tap->close([this] { end_part(); });
  end_part();
}

// -------------------------------------------------------------------------------------------------

Collector::Collector(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Collector::~Collector() = default;

Expected<std::unique_ptr<Collector>> Collector::start(Loop& loop, const CollectorConfig& config) {
  auto impl = std::make_unique<Impl>(loop, config);
  const auto started = impl->start();
  if (const Error* error = started.if_error()) return *error;
  return std::unique_ptr<Collector>(new Collector(std::move(impl)));
}

std::optional<Address> Collector::udp_address() const {
  if (!impl_->udp) return {};
  return impl_->udp->address();
}

std::optional<Address> Collector::tcp_address() const {
  if (!impl_->tcp) return {};
  return impl_->tcp->address();
}

std::optional<Address> Collector::web_address() const {
  if (!impl_->web) return {};
  return impl_->web->address();
}

TraceStore& Collector::store() {
  return impl_->store;
}

CollectorStats Collector::stats() const {
  return impl_->stats();
}

void Collector::on_finished(Finished finished) {
  impl_->listeners.push_back(std::move(finished));
}

void Collector::add_tap(std::unique_ptr<DocumentTap> tap) {
  impl_->taps.push_back(std::move(tap));
}

void Collector::add_export(TraceExport format) {
  impl_->web_api.add_export(std::move(format));
}

void Collector::load(std::string_view document) {
  impl_->take(document, Door::file, impl_->config.clock().wall);
}

void Collector::close(Callback<void()> on_closed) {
  impl_->on_closed = std::move(on_closed);
  impl_->next_turn.call([this] { impl_->begin_close(); });
}

}  // namespace xtrace::collect
