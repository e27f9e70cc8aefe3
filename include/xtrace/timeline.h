#pragma once

/// `Timeline` is the record of one attempt: when each phase began and ended, and the facts that
/// explain it.
///
/// The client writes it; everything people see (hooks apart) is derived from it afterwards: the
/// picture, the JSON, the X-Ray subsegments are pure functions of a `Timeline`. All times are
/// offsets from `started.tick`. A phase that did not happen has no span: `find()` returns null,
/// never a zero. Recording a phase does not allocate. docs/phases.md tells which event opens and
/// closes each phase.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <xtrace/address.h>
#include <xtrace/clock.h>
#include <xtrace/error.h>
#include <xtrace/tls.h>

namespace xtrace {

/// How a phase or a dial ended. `abandoned`: somebody no longer needed it (the loser of a race, a
/// cancelled call).
enum class Outcome : std::uint8_t { ok, error, timeout, abandoned };

/// `ok`, `error`, `timeout`, `abandoned`.
std::string_view to_string(Outcome outcome);

struct Span {
  Duration begin{};
  Duration end{};
  Outcome outcome = Outcome::ok;

  Duration length() const { return end - begin; }
  friend bool operator==(const Span&, const Span&) = default;
};

/// One address that was dialled.
struct Dial {
  Address address{};
  Span span{};
  std::optional<Error> error{};

  friend bool operator==(const Dial&, const Dial&) = default;
};

/// The dials of an attempt, in the order they started. An attempt on a reused connection has none
/// and pays for none.
class DialList {
 public:
  static constexpr std::size_t kMost = 16;

  /// Makes room for it: to be written to. References to others stay valid. `index` is below
  /// `kMost`.
  Dial& operator[](std::size_t index) {
    dials_.reserve(kMost);
    if (index >= dials_.size()) dials_.resize(index + 1);
    return dials_[index];
  }
  /// Only one that was recorded.
  const Dial& operator[](std::size_t index) const { return dials_[index]; }

 private:
  std::vector<Dial> dials_;
};

struct DnsFacts {
  std::string host{};
  std::vector<Address> addresses{};  ///< As found; empty where the lookup failed.
  bool coalesced = false;  ///< Another lookup of the name was under way and shared its answer.
  std::string resolver{};  ///< Who was asked: `system` is getaddrinfo(3).

  friend bool operator==(const DnsFacts&, const DnsFacts&) = default;
};

/// A 1xx response seen before the final one.
struct Interim {
  int status = 0;
  Duration at{};

  friend bool operator==(const Interim&, const Interim&) = default;
};

class Timeline {
 public:
  static constexpr std::size_t kMaxDials = DialList::kMost;
  static constexpr std::size_t kMaxInterims = 16;

  TimePoint started{};
  Duration total{};

  // -- phases -------------------------------------------------------------------------------------
  /// The span of a phase, or null if it did not happen. While the attempt runs, a phase that is
  /// still open has its `end` equal to its `begin`. `Phase::dial` has no span here: see `dials`.
  const Span* find(Phase phase) const {
    const auto at = static_cast<std::size_t>(phase);
    return (happened_ >> at & 1U) != 0 ? &spans_[at] : nullptr;
  }
  void begin(Phase phase, Duration at);
  /// Ends an open phase; ending one that is not open does nothing.
  void end(Phase phase, Duration at, Outcome outcome);
  /// Record a phase whose both ends are known.
  void set(Phase phase, const Span& span);
  /// As if it had not happened.
  void forget(Phase phase);
  /// Ends everything still open, dials included, when the attempt is over.
  void end_all(Duration at, Outcome outcome);
  bool is_open(Phase phase) const;

  // -- dials, in the order they started -----------------------------------------------------------
  DialList dials;
  std::size_t dial_count = 0;        ///< How many of `dials` are filled.
  std::size_t dials_unrecorded = 0;  ///< Dials beyond `kMaxDials`: counted, not kept.

  // -- facts --------------------------------------------------------------------------------------
  bool reused = false;                ///< The connection had served a request before.
  std::optional<Duration> idle_time;  ///< How long a reused connection had been idle; unset where
                                      ///< another request handed it over directly.
  /// A dial was begun for this attempt, and another connection became free first.
  bool left_dial = false;
  std::uint64_t connection = 0;  ///< Its number in this client, from 1 on; 0 while there is none.
  std::string proxy;             ///< `scheme://host:port` of the proxy; empty without.
  Address local;
  Address remote;
  std::optional<DnsFacts> dns;
  std::optional<TlsInfo> tls;
  std::array<Interim, kMaxInterims> interims{};
  std::size_t interim_count = 0;
  /// The final status line came before the upload ended; `response` is then empty (it begins and
  /// ends at the first byte) and `body` overlaps `request`.
  bool early_response = false;
  /// When the head of the final response was read whole; unset where none was.
  std::optional<Duration> head_read;
  /// How long the body waited for `100 Continue`; a part of `request`.
  std::optional<Span> continue_wait;
  std::uint64_t request_head_bytes = 0;
  std::uint64_t request_body_bytes = 0;  ///< Bytes of the body the kernel took.
  std::uint64_t response_head_bytes = 0;
  std::uint64_t response_body_bytes = 0;  ///< Received, chunk framing not counted, not decoded.
  std::string content_encoding;           ///< Of a body that was decoded; else empty.
  std::uint64_t decoded_body_bytes = 0;   ///< What became of it.
  /// The longest time a ready descriptor may have waited for the loop during this attempt
  /// (`Loop::delay_since`).
  Duration loop_delay{};
  /// Set where the attempt failed; its `phase` is the phase it died in.
  std::optional<Error> error;

  // -- sums ---------------------------------------------------------------------------------------
  /// `total` minus the time covered by at least one leaf phase (everything but `connect`, dials
  /// included): what no phase claims. Where phases do not overlap, their lengths and `other()` add
  /// up to `total` exactly.
  Duration other() const;
  /// From the first dial's start to the winner's end (or to the end of the last dial when all
  /// failed); null without dials.
  std::optional<Span> dialling() const;
  /// From the start to the first byte of the final status line.
  std::optional<Duration> time_to_first_byte() const;

 private:
  std::array<Span, kPhaseCount> spans_{};
  std::uint16_t happened_ = 0;  // bit per phase
  std::uint16_t open_ = 0;      // bit per phase
};

}  // namespace xtrace
