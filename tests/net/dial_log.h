#pragma once

/// `DialLog` starts a connect and writes down all that it does.

#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "net/connector.h"
#include "support/test_loop.h"

namespace xtrace::testing {

/// Everything one connect did.
struct DialLog final : DialObserver {
  struct Entry {
    Address address;
    Tick started{};
    Tick ended{};
    std::optional<Error> error;
    bool is_abandoned = false;
  };
  std::vector<Entry> dials;
  std::optional<Expected<std::unique_ptr<Stream>>> result;
  std::size_t ended_at_result = 0;  // dials told to be over when the result came
  std::function<void()> on_event = [] {};

  void on_dial_start(std::size_t index, const Address& address, Tick at) override {
    CHECK(index == dials.size());
    dials.push_back({.address = address, .started = at, .ended = {}, .error = {}});
    on_event();
  }
  void on_dial_done(std::size_t index, const Address& address, Tick at,
                    const Error* error) override {
    end(index, address, at);
    if (error != nullptr) dials.at(index).error = *error;
    on_event();
  }
  void on_dial_abandoned(std::size_t index, const Address& address, Tick at) override {
    end(index, address, at);
    dials.at(index).is_abandoned = true;
    on_event();
  }
  void end(std::size_t index, const Address& address, Tick at) {
    CHECK(dials.at(index).address == address);
    CHECK(dials.at(index).ended == Tick{});
    CHECK(at >= dials.at(index).started);
    dials.at(index).ended = at;
    ++ended_at_result;
  }

  std::unique_ptr<Connecting> connect(TestLoop& loop, const std::vector<Address>& addresses) {
    auto connecting = connect_to(loop, addresses, {}, *this, [this](auto with) {
      CHECK_FALSE(result.has_value());
      CHECK(ended_at_result == dials.size());
      result.emplace(std::move(with));
    });
    CHECK(dials.empty());
    CHECK_FALSE(result.has_value());
    return connecting;
  }
  bool is_done() const { return result.has_value(); }
};

}  // namespace xtrace::testing
