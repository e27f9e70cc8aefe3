#include "scripted_host.h"

#include <future>
#include <utility>

namespace xtrace::testing {

ScriptedHost::ScriptedHost(std::function<void(ScriptedServer&)> prepare) {
  run_there([this, &prepare] {
    server_ = std::make_unique<ScriptedServer>(thread_.loop());
    prepare(*server_);
    base_ = server_->url("");
  });
}

ScriptedHost::~ScriptedHost() {
  run_there([this] { server_.reset(); });
}

std::string ScriptedHost::received() {
  std::string bytes;
  run_there([this, &bytes] { bytes = server_->received(); });
  return bytes;
}

void ScriptedHost::run_there(std::function<void()> task) {
  std::promise<void> done;
  thread_.loop().post([&task, &done] {
    task();
    done.set_value();
  });
  done.get_future().wait();
}

}  // namespace xtrace::testing
