// A service on Boost.Beast, asynchronous, on one thread: the front answers with what it asked the
// back, also where that takes long or fails.
//
//     tools/run demo beast               one call through both: one trace
//     tools/run demo beast serve [URL]   the front alone until stdin ends; the back is at URL

#include <chrono>
#include <cstdio>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/bind_handler.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include <xtrace/adapters/beast.h>
#include <xtrace/tracer.h>

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::asio::ip::tcp;
using xtrace::SegmentContext;
using xtrace::Tracer;
using xtrace::Url;

using HttpRequest = http::request<http::string_body>;
using HttpResponse = http::response<http::string_body>;
using Done = std::function<void(http::status, std::string)>;

constexpr std::chrono::seconds kPatience{5};

/// One request to another service. It keeps itself alive until `done` was called.
class Asking : public std::enable_shared_from_this<Asking> {
  template <class Member>
  auto next(Member member) {
    return beast::bind_front_handler(member, shared_from_this());
  }

 public:
  Asking(asio::io_context& io, const SegmentContext& parent, Url url, Done done)
      : resolver_(io),
        stream_(io),
        url_(std::move(url)),
        request_(http::verb::get, url_.target(), 11),
        call_(parent, url_, request_),
        done_(std::move(done)) {
    request_.set(http::field::host, url_.authority());
  }

  void start() {
    stream_.expires_after(kPatience);
    call_.enter(xtrace::Phase::dns);
    resolver_.async_resolve(url_.host(), std::to_string(url_.port()), next(&Asking::on_resolved));
  }

 private:
  void on_resolved(beast::error_code error, const tcp::resolver::results_type& found) {
    if (error) return fail(error);
    call_.resolved(found);
    stream_.async_connect(found, call_.dialling(), next(&Asking::on_connected));
  }

  void on_connected(beast::error_code error, const tcp::endpoint&) {
    if (error) return fail(error);
    call_.enter(xtrace::Phase::request);
    http::async_write(stream_, request_, next(&Asking::on_sent));
  }

  void on_sent(beast::error_code error, std::size_t) {
    if (error) return fail(error);
    call_.enter(xtrace::Phase::response);
    http::async_read_header(stream_, buffer_, parser_, next(&Asking::on_head));
  }

  void on_head(beast::error_code error, std::size_t) {
    if (error) return fail(error);
    call_.enter(xtrace::Phase::body);
    http::async_read(stream_, buffer_, parser_, next(&Asking::on_answer));
  }

  void on_answer(beast::error_code error, std::size_t) {
    if (error) {
      call_.fail(error, parser_.get().base());
      return done_(http::status::bad_gateway, "the back broke off\n");
    }
    call_.finish(parser_.get());
    done_(parser_.get().result(), std::move(parser_.get().body()));
  }

  void fail(beast::error_code error) {
    call_.fail(error);
    done_(http::status::bad_gateway, "the back does not answer\n");
  }

  tcp::resolver resolver_;
  beast::tcp_stream stream_;
  Url url_;
  HttpRequest request_;
  xtrace::BeastCall call_;
  Done done_;
  beast::flat_buffer buffer_;
  http::response_parser<http::string_body> parser_;
};

using Handler = std::function<void(const HttpRequest&, const SegmentContext&, Done)>;

/// A connection. Each request of it has a segment from when it was read until it was answered, and
/// so has one that was not read whole.
class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(tcp::socket socket, xtrace::ServerTrace& trace, const Handler& handler)
      : stream_(std::move(socket)), trace_(trace), handler_(handler) {
    beast::error_code error;
    const tcp::endpoint peer = stream_.socket().remote_endpoint(error);
    if (!error) peer_.ip = peer.address().to_string();
  }

  void start() {
    parser_.emplace();
    stream_.expires_after(kPatience);
    http::async_read(stream_, buffer_, *parser_,
                     beast::bind_front_handler(&Session::on_request, shared_from_this()));
  }

 private:
  void on_request(beast::error_code error, std::size_t) {
    if (!parser_->got_some()) return;  // the client has no further request
    request_ = parser_->release();
    served_ = trace_.begin(xtrace::BeastRequestFacts(request_, peer_).facts());
    if (error) return served_.abort(xtrace::beast_server_error(error));
    const xtrace::ContextScope scope{served_.context()};
    handler_(request_, served_.context(),
             [self = shared_from_this()](http::status status, std::string body) {
               self->answer(status, std::move(body));
             });
  }

  void answer(http::status status, std::string body) {
    response_ = HttpResponse(status, request_.version());
    response_.keep_alive(request_.keep_alive());
    response_.body() = std::move(body);
    response_.prepare_payload();
    if (request_.method() == http::verb::head) response_.body().clear();
    xtrace::set_trace_header(served_, response_);
    stream_.expires_after(kPatience);
    http::async_write(stream_, response_,
                      beast::bind_front_handler(&Session::on_answered, shared_from_this()));
  }

  void on_answered(beast::error_code error, std::size_t) {
    const xtrace::ServerResponseFacts sent = xtrace::beast_response_facts(response_);
    if (error) return served_.abort(xtrace::beast_server_error(error), {.status = sent.status});
    served_.end(sent);
    if (response_.keep_alive()) return start();
    stream_.socket().shutdown(tcp::socket::shutdown_send, error);
  }

  beast::tcp_stream stream_;
  xtrace::ServerTrace& trace_;
  const Handler& handler_;
  xtrace::BeastPeer peer_;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  HttpRequest request_;
  HttpResponse response_;
  xtrace::ServerSegment served_;
};

std::unique_ptr<Tracer> make_tracer(std::string name) {
  xtrace::TracerConfig config;
  config.name = std::move(name);
  config.sampler = std::make_shared<xtrace::RateSampler>(1);
  const auto finalized = xtrace::finalize_config(std::move(config));
  if (const auto* error = finalized.if_error()) throw std::runtime_error(error->message);
  return std::make_unique<Tracer>(*finalized);
}

class Service {
 public:
  Service(asio::io_context& io, std::string name, Handler handler)
      : tracer_(make_tracer(std::move(name))),
        trace_(*tracer_, {.trusted_hops = 1}),
        handler_(std::move(handler)),
        acceptor_(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0)) {
    accept();
  }

  Url url(std::string_view path) const {
    const std::string port = std::to_string(acceptor_.local_endpoint().port());
    return Url::parse("http://127.0.0.1:" + port + std::string(path)).value();
  }

 private:
  void accept() {
    acceptor_.async_accept([this](beast::error_code error, tcp::socket socket) {
      if (!error) std::make_shared<Session>(std::move(socket), trace_, handler_)->start();
      if (acceptor_.is_open()) accept();
    });
  }

  std::unique_ptr<Tracer> tracer_;
  xtrace::ServerTrace trace_;
  Handler handler_;
  tcp::acceptor acceptor_;
};

/// Answers each path with what the back says to the same path.
Handler relay(asio::io_context& io, Url back) {
  return [&io, back = std::move(back)](const HttpRequest& request, const SegmentContext& segment,
                                       Done done) {
    const std::string_view target(request.target().data(), request.target().size());
    const auto url = back.resolve(target);
    // A target like //elsewhere/ is a URL of its own, and nothing to be asked for from here.
    const bool is_ours = url && url->host_port() == back.host_port();
    if (!is_ours) return done(http::status::bad_request, "no such path\n");
    std::make_shared<Asking>(io, segment, *url, std::move(done))->start();
  };
}

int serve(const Url& back) {
  asio::io_context io;
  const Service front{io, "front", relay(io, back)};
  std::printf("%s\n", front.url("/").full().c_str());
  std::fflush(stdout);
  std::thread thread([&io] { io.run(); });
  while (std::getchar() != EOF) {
  }
  io.stop();
  thread.join();
  return 0;
}

int make_one_call() {
  asio::io_context io;
  Service back{io, "back", [](const HttpRequest&, const SegmentContext& segment, const Done& done) {
                 segment.annotate("mood", "good");
                 done(http::status::ok, "good morning\n");
               }};
  Service front{io, "front", relay(io, back.url("/"))};
  const std::unique_ptr<Tracer> tracer = make_tracer("customer");
  const xtrace::Segment segment = tracer->begin_segment();
  bool is_ok = false;
  const auto finish = [&](http::status status, const std::string& body) {
    is_ok = status == http::status::ok;
    std::printf("%d %s", static_cast<int>(status), body.c_str());
    io.stop();
  };
  std::make_shared<Asking>(io, segment.context(), front.url("/greeting"), finish)->start();
  io.run();
  std::printf("trace %s: customer, front and back\n", segment.trace_id().to_string().c_str());
  return is_ok ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2 || std::string_view(argv[1]) != "serve") return make_one_call();
  const auto back = Url::parse(argc > 2 ? argv[2] : "http://127.0.0.1:8080");
  if (back) return serve(*back);
  std::fprintf(stderr, "beast: %s\n", back.if_error()->message.c_str());
  return 2;
}
