#pragma once

/// `ScriptedHost` is a `ScriptedServer` on a thread of its own, for code that runs a loop itself
/// and blocks.

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <xtrace/loop.h>

#include "support/scripted_server.h"

namespace xtrace::testing {

class ScriptedHost {
 public:
  /// `prepare` runs on the server's thread before the first connection can be made.
  explicit ScriptedHost(std::function<void(ScriptedServer&)> prepare);
  ScriptedHost(const ScriptedHost&) = delete;
  ScriptedHost& operator=(const ScriptedHost&) = delete;
  ~ScriptedHost();

  /// `http://127.0.0.1:40123` with `path` behind it.
  std::string url(std::string_view path) const { return base_ + std::string(path); }
  /// What the first connection has sent so far.
  std::string received();

 private:
  void run_there(std::function<void()> task);

  LoopThread thread_;
  std::unique_ptr<ScriptedServer> server_;  // used on the thread only
  std::string base_;
};

}  // namespace xtrace::testing
