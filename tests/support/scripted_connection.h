#pragma once

/// `ScriptedConnection` plays one `Script` on one accepted connection. Tests meet it through
/// `ScriptedServer`.

#include <cstddef>
#include <string>

#include <xtrace/loop.h>

#include "loop/timer.h"
#include "net/next_turn.h"
#include "net/pollable.h"
#include "support/script.h"

namespace xtrace::testing {

class ScriptedConnection {
 public:
  ScriptedConnection(Loop& loop, Pollable socket, Script script);
  ScriptedConnection(const ScriptedConnection&) = delete;
  ScriptedConnection& operator=(const ScriptedConnection&) = delete;

  /// Close with a RST packet.
  void reset();

  /// Everything that arrived.
  std::string received;
  /// The peer ended its side or reset the connection.
  bool peer_ended = false;
  /// Every step was played.
  bool is_done = false;
  bool is_open = true;

 private:
  static void on_event(uv_poll_t* handle, int status, int events) noexcept;

  void play();
  bool take(const Step& step);
  bool take_text(std::size_t end);
  bool send_on(const Step& step);
  bool reply_on(const Step& step);
  bool send_rest(const std::string& text, bool split);
  bool wait_on(const Step& step);
  bool turn_on();
  void receive();
  void close_socket();
  void watch();

  Script script_;
  std::size_t step_ = 0;
  std::size_t took_from_ = 0;
  std::size_t taken_ = 0;  // bytes of `received` that expectations have taken
  std::size_t sent_ = 0;   // bytes of the running send
  std::string reply_;      // being sent
  bool is_reading_ = true;
  bool is_blocked_ = false;  // the kernel took no more
  bool is_waiting_ = false;
  int turns_left_ = 0;  // of the running turn step
  Timer timer_;
  NextTurn next_turn_;
  Pollable socket_;
};

}  // namespace xtrace::testing
