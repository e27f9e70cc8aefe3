#include "xray/emit_ledger.h"

#include <array>
#include <random>
#include <string>

#include <doctest/doctest.h>

namespace xtrace::emit_ledger_test {

namespace {

using namespace std::chrono_literals;

std::uint64_t accounted(const EmitterStats& stats) {
  return stats.sent + stats.queued + stats.refused + stats.dropped_queue_full +
         stats.dropped_too_large + stats.dropped_error + stats.dropped_at_close;
}

struct Books {
  EmitLedger ledger{10'000, "test:1"};
  std::array<std::string_view, EmitLedger::kBatch> batch{};
  Tick now{1h};

  void enqueue(int count, const std::string& document = "{}") {
    for (int i = 0; i < count; ++i) ledger.enqueue(document, now);
  }
};

}  // namespace

TEST_SUITE("xray/emit_ledger") {
  TEST_CASE("every document has exactly one fate, whatever happens in whatever order") {
    Books books;
    EmitLedger& ledger = books.ledger;
    std::mt19937 random{5};
    for (int step = 0; step < 20'000; ++step) {
      books.now += 1ms;
      switch (random() % 8) {
        case 0:
          ledger.begin_absence(random() % 2 == 0 ? Absence::refused : Absence::unreachable,
                               books.now);
          break;
        case 1:
          ledger.end_absence();
          break;
        case 2:
          ledger.expire(books.now, 20ms);
          break;
        case 3:
          ledger.refuse_sent();
          break;
        case 4:
          if (const std::size_t count = ledger.claim(books.batch); count > 0) {
            books.enqueue(static_cast<int>(random() % 90), std::string(random() % 300, 'x'));
            const std::size_t sent = random() % count;
            if (random() % 2 == 0) {
              ledger.settle(sent + random() % 2, 1);
            } else {
              ledger.settle_with_loss(sent, 1, &EmitterStats::dropped_error);
            }
          }
          break;
        case 5:
          if (ledger.claim(books.batch) > 0) {
            ledger.hold_first(1);
            books.enqueue(static_cast<int>(random() % 90), std::string(random() % 300, 'x'));
            ledger.settle(random() % 2, 1);
          }
          break;
        default:
          books.enqueue(static_cast<int>(random() % 4),
                        std::string(random() % 9 == 0 ? 65'478 : random() % 300, 'x'));
      }
      REQUIRE(accounted(ledger.stats()) == ledger.stats().documents);
      REQUIRE(ledger.is_empty() == (ledger.stats().queued == 0));
    }
    ledger.close();
    CHECK(ledger.stats().queued == 0);
    CHECK(accounted(ledger.stats()) == ledger.stats().documents);
    for (const auto loss :
         {&EmitterStats::sent, &EmitterStats::refused, &EmitterStats::dropped_queue_full,
          &EmitterStats::dropped_too_large, &EmitterStats::dropped_error}) {
      CHECK(ledger.stats().*loss > 0);
    }
  }

  TEST_CASE("what is sent is counted with its header line, and what came back is not") {
    Books books;
    books.enqueue(3, "{\"n\":1}");
    const std::size_t size = kDatagramHeader.size() + 7;
    REQUIRE(books.ledger.claim(books.batch) == 3);
    CHECK(books.batch[0] == std::string(kDatagramHeader) + "{\"n\":1}");
    books.ledger.settle(2, 1);
    CHECK(books.ledger.stats().sent == 2);
    CHECK(books.ledger.stats().bytes == 2 * size);
    CHECK(books.ledger.stats().flushes == 1);
    books.ledger.refuse_sent();
    CHECK(books.ledger.stats().sent == 1);
    CHECK(books.ledger.stats().refused == 1);
    CHECK(books.ledger.stats().bytes == size);
  }

  TEST_CASE("documents wait for an absent daemon as long as they may, each by its own time") {
    Books books;
    books.enqueue(2);
    books.now += 1s;
    books.ledger.begin_absence(Absence::refused, books.now);
    books.now += 4s;
    books.enqueue(1);
    CHECK(books.ledger.expires_at(10s) == books.now + 6s);
    books.ledger.expire(books.now + 6s - 1ns, 10s);
    CHECK(books.ledger.stats().refused == 0);
    books.ledger.expire(books.now + 6s, 10s);
    CHECK(books.ledger.stats().refused == 2);
    CHECK(books.ledger.expires_at(10s) == books.now + 10s);
    CHECK(books.ledger.last() == Delivery::unsent);
    books.ledger.expire(books.now + 10s, 10s);
    CHECK(books.ledger.stats().refused == 3);
    CHECK(books.ledger.last() == Delivery::refused);
    CHECK_FALSE(books.ledger.expires_at(10s));
  }

  TEST_CASE("a daemon that cannot be reached costs an error and not a refusal") {
    Books books;
    books.enqueue(1);
    books.ledger.begin_absence(Absence::unreachable, books.now);
    books.ledger.expire(books.now, 0s);
    CHECK(books.ledger.stats().dropped_error == 1);
    CHECK(books.ledger.last() == Delivery::unsent);
  }

  TEST_CASE("the fate of the last document is told, not that of one before it") {
    Books books;
    books.enqueue(2);
    books.ledger.claim(books.batch);
    books.ledger.settle(1, 1);
    CHECK(books.ledger.last() == Delivery::unsent);
    books.ledger.claim(books.batch);
    books.ledger.settle(1, 1);
    CHECK(books.ledger.last() == Delivery::sent);
    books.enqueue(1);
    books.enqueue(1, std::string(65'478, 'x'));
    books.ledger.claim(books.batch);
    books.ledger.settle(1, 1);
    CHECK(books.ledger.last() == Delivery::unsent);
    CHECK(books.ledger.last_error()->message ==
          "send to test:1: 65478 bytes are too many for a datagram");
  }

  TEST_CASE("a reset ledger is as new") {
    Books books;
    books.enqueue(100, std::string(300, 'x'));
    books.ledger.claim(books.batch);
    books.ledger.begin_absence(Absence::refused, books.now);
    books.ledger.note(Error::Code::emit_refused, "no");
    books.ledger.reset();
    CHECK(books.ledger.stats() == EmitterStats{});
    CHECK(books.ledger.is_empty());
    CHECK(books.ledger.absence() == Absence::none);
    CHECK_FALSE(books.ledger.last_error());
  }
}

}  // namespace xtrace::emit_ledger_test
