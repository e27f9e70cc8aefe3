#include "xray/name_lookup.h"

#include <mutex>
#include <utility>

#include "base/system_reason.h"
#include "xray/quiet_thread.h"

namespace xtrace {

struct NameLookup::Shared {
  LookUpHost look_up;
  DaemonEndpoint endpoint;
  std::mutex mutex{};
  std::function<void()> on_done{};  // empty once nobody wants to know
  std::optional<Expected<UdpAddresses>> result{};
};

NameLookup::NameLookup(LookUpHost look_up, DaemonEndpoint endpoint, std::function<void()> on_done)
    : shared_(std::make_shared<Shared>()) {
  shared_->look_up = std::move(look_up);
  shared_->endpoint = std::move(endpoint);
  shared_->on_done = std::move(on_done);
  auto own = std::make_unique<std::shared_ptr<Shared>>(shared_);
  pthread_t thread{};
  if (const int code = start_quiet_thread(thread, &NameLookup::run, own.get()); code != 0) {
    std::string message = "look " + shared_->endpoint.host + " up: start a thread: ";
    message += system_reason(code);
    shared_->result = Error{Error::Code::emit_failed, Phase::none, std::move(message)};
    return;
  }
  static_cast<void>(own.release());  // the thread's now
  ::pthread_detach(thread);
}

NameLookup::~NameLookup() {
  const std::scoped_lock lock{shared_->mutex};
  shared_->on_done = nullptr;
}

void* NameLookup::run(void* shared) {
  const std::unique_ptr<std::shared_ptr<Shared>> own{static_cast<std::shared_ptr<Shared>*>(shared)};
  Shared& work = **own;
  Expected<UdpAddresses> result = work.look_up(work.endpoint);
  const std::scoped_lock lock{work.mutex};
  work.result = std::move(result);
  if (work.on_done) work.on_done();
  return nullptr;
}

std::optional<Expected<UdpAddresses>> NameLookup::take_result() {
  const std::scoped_lock lock{shared_->mutex};
  return std::exchange(shared_->result, std::nullopt);
}

void NameLookup::lock() {
  shared_->mutex.lock();
}

void NameLookup::unlock() {
  shared_->mutex.unlock();
}

}  // namespace xtrace
