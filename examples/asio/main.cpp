// A service on an io_context of Boost.Asio that calls others with xtrace's client: the client has a
// loop of its own on a thread of its own, and every result is posted to the service's.
//
// It reads URLs, one a line, and answers each with a line that tells the status and the length.
//
//     tools/run demo asio        # prints where it listens, until stdin ends

#include <cstdio>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

#include <xtrace/loop.h>
#include <xtrace/traced_client.h>
#include <xtrace/tracer.h>

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using xtrace::Exchange;

using ErrorCode = boost::system::error_code;
using OnExchange = std::function<void(const Exchange&)>;

/// xtrace's client for a service whose loop is another's. `fetch` may be called from any thread,
/// handlers run on `io`, which outlives this and is kept running by somebody else.
class FetchThread {
 public:
  FetchThread(asio::io_context& io, xtrace::FinalizedClientConfig config) : io_(io) {
    thread_.loop().post([this, config = std::move(config)] {
      parts_ = std::make_unique<Parts>(thread_.loop(), config);
    });
  }
  FetchThread(const FetchThread&) = delete;
  FetchThread& operator=(const FetchThread&) = delete;
  /// Cancels what is under way; its handlers do not run. A handler that was posted may.
  ~FetchThread() {
    thread_.loop().post([this] { parts_.reset(); });
    // The thread's own destructor runs what was posted, and joins.
  }

  void fetch(xtrace::SegmentContext parent, xtrace::Request request, OnExchange handler) {
    thread_.loop().post([this, parent = std::move(parent), request = std::move(request),
                         handler = std::move(handler)]() mutable {
      start(parent, std::move(request), std::move(handler));
    });
  }

 private:
  /// Lives on the loop's thread, calls before the clients.
  struct Parts {
    Parts(xtrace::Loop& loop, const xtrace::FinalizedClientConfig& config)
        : client(loop, config), traced(client) {}

    xtrace::Client client;
    xtrace::TracedClient traced;
    std::list<xtrace::TracedCall> calls;
  };

  void start(const xtrace::SegmentContext& parent, xtrace::Request request, OnExchange handler) {
    const auto call = parts_->calls.emplace(parts_->calls.end());
    const auto finish = [this, call, handler = std::move(handler)](Exchange exchange) mutable {
      asio::post(io_, [handler = std::move(handler), exchange = std::move(exchange)] {
        handler(exchange);
      });
      parts_->calls.erase(call);  // takes this very function with it
    };
    *call = parts_->traced.start(parent, std::move(request), {}, finish);
  }

  asio::io_context& io_;
  std::unique_ptr<Parts> parts_;  // made and destroyed on the thread
  xtrace::LoopThread thread_;
};

std::string summary(const Exchange& exchange) {
  if (exchange.error) return exchange.error->message + '\n';
  return std::to_string(exchange.response->status) + ' ' +
         std::to_string(exchange.response->body.size()) + " bytes\n";
}

/// A connection of the service's, which lives on its io_context.
class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(tcp::socket socket, xtrace::Tracer& tracer, FetchThread& fetches)
      : socket_(std::move(socket)), tracer_(tracer), fetches_(fetches) {}

  void read_line() {
    const auto on_line = [self = shared_from_this()](ErrorCode error, std::size_t size) {
      if (!error) self->answer(size);
    };
    asio::async_read_until(socket_, asio::dynamic_buffer(input_, 4096), '\n', on_line);
  }

 private:
  void answer(std::size_t size) {
    const auto url = xtrace::Url::parse(std::string_view(input_).substr(0, size - 1));
    input_.erase(0, size);
    if (!url) return write(url.if_error()->message + '\n');
    segment_ = tracer_.begin_segment();
    const auto on_exchange = [self = shared_from_this()](const Exchange& exchange) {
      self->segment_.end();
      self->write(summary(exchange));
    };
    fetches_.fetch(segment_.context(), xtrace::Request(*url), on_exchange);
  }

  void write(std::string text) {
    output_ = std::move(text);
    const auto on_written = [self = shared_from_this()](ErrorCode error, std::size_t) {
      if (!error) self->read_line();
    };
    asio::async_write(socket_, asio::buffer(output_), on_written);
  }

  tcp::socket socket_;
  xtrace::Tracer& tracer_;
  FetchThread& fetches_;
  std::string input_;
  std::string output_;
  xtrace::Segment segment_;
};

class Service {
 public:
  Service(asio::io_context& io, xtrace::Tracer& tracer, FetchThread& fetches)
      : tracer_(tracer),
        fetches_(fetches),
        acceptor_(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0)) {
    accept();
  }

  unsigned port() const { return acceptor_.local_endpoint().port(); }

 private:
  void accept() {
    acceptor_.async_accept([this](ErrorCode error, tcp::socket socket) {
      if (!error) std::make_shared<Session>(std::move(socket), tracer_, fetches_)->read_line();
      if (acceptor_.is_open()) accept();
    });
  }

  xtrace::Tracer& tracer_;
  FetchThread& fetches_;
  tcp::acceptor acceptor_;
};

template <class Config>
auto finalized(Config config) {
  auto result = xtrace::finalize_config(std::move(config));
  if (const auto* error = result.if_error()) throw std::runtime_error(error->message);
  return std::move(result).value();
}

xtrace::TracerConfig tracer_config() {
  xtrace::TracerConfig config;
  config.name = "lines";
  config.sampler = std::make_shared<xtrace::RateSampler>(1);
  return config;
}

}  // namespace

int main() {
  xtrace::Tracer tracer{finalized(tracer_config())};
  std::optional<FetchThread> fetches;
  asio::io_context io;  // destroyed before what its sessions point to
  fetches.emplace(io, finalized(xtrace::ClientConfig{}));
  Service service{io, tracer, *fetches};
  std::printf("127.0.0.1:%u\n", service.port());
  std::fflush(stdout);
  std::thread thread([&io] { io.run(); });
  while (std::getchar() != EOF) {
  }
  io.stop();
  thread.join();
  fetches.reset();  // posts to io no more, which may now go
}
