#include <string>

#include <doctest/doctest.h>

#include "http/request_record.h"

namespace request_smuggling_test {

using namespace xtrace;
using namespace xtrace::testing;
using namespace std::string_literals;
using namespace std::string_view_literals;

namespace {

const std::string kLine = "POST /p HTTP/1.1\r\n";
const std::string kHost = "Host: a.example\r\n";
const std::string kLength = "Content-Length: 5\r\n";
const std::string kCoding = "Transfer-Encoding: chunked\r\n";
const std::string kBodies = "0\r\n\r\nGET /admin HTTP/1.1\r\nHost: a\r\n\r\n";

// 0 where it passes; the same byte by byte.
int status_of(const std::string& bytes) {
  RequestRecord whole;
  whole.feed(bytes);
  RequestRecord singly;
  singly.feed_singly(bytes);
  CHECK(singly.summary() == whole.summary());
  CHECK(whole.parser.is_complete() != whole.parser.refusal().has_value());
  return whole.status();
}

std::string message_of_request(const std::string& bytes) {
  RequestRecord record;
  record.feed(bytes);
  return record.message();
}

// A request built around a text, in one place of it.
using Build = std::string (*)(const std::string&);

std::string line(const std::string& text) {
  return text + "\r\n" + kHost + "\r\n";
}
std::string target(const std::string& text) {
  return line("GET " + text + " HTTP/1.1");
}
std::string fields(const std::string& text) {
  return kLine + kHost + text + "\r\n" + kBodies;
}
std::string field_line(const std::string& text) {
  return fields(text + "\r\n" + kLength);
}
std::string length(const std::string& text) {
  return fields("Content-Length:" + text + "\r\n");
}
std::string coding(const std::string& text) {
  return fields("Transfer-Encoding:" + text + "\r\n");
}
std::string host(const std::string& text) {
  return "GET / HTTP/1.1\r\nHost:" + text + "\r\n\r\n";
}
std::string expectation(const std::string& text) {
  return fields(kLength + "Expect:" + text + "\r\n");
}
std::string chunks(const std::string& text) {
  return kLine + kHost + kCoding + "\r\n" + text;
}
std::string chunk_size(const std::string& text) {
  return chunks(text + "\r\nhi\r\n0\r\n\r\n");
}

void check_all(int status, Build build, std::initializer_list<std::string_view> texts) {
  for (const std::string_view text : texts) {
    CAPTURE(text);
    CHECK(status_of(build(std::string(text))) == status);
  }
}

template <class... Texts>
void check_each(int status, Build build, Texts... texts) {
  check_all(status, build, {texts...});
}

}  // namespace

TEST_SUITE("http/request_smuggling") {
  TEST_CASE("a length beside a coding is refused in either order and any spelling") {
    for (const std::string other :
         {"Transfer-Encoding: chunked\r\n", "transfer-encoding:CHUNKED\r\n",
          "Transfer-Encoding: x\r\n", "Transfer-Encoding: x, chunked\r\n"}) {
      CAPTURE(other);
      CHECK(status_of(fields(kLength + other)) == 400);
      CHECK(status_of(fields(other + "A: b\r\ncontent-length: 0\r\n")) == 400);
    }
    CHECK(message_of_request(fields(kLength + kCoding)) ==
          "the request has both Content-Length and Transfer-Encoding");
  }

  TEST_CASE("a length is one decimal number in one field") {
    check_each(400, length, "", " ", "+5", " +5", " -5", " -0", " 0x5", " 5,", " 5, 5", " ,5",
               " 5,6", " 5 5", " 5;", " 5.0", " five", " \"5\"", " 5e0", " 5_0", " \xd9\xa5", "5\t",
               " 18446744073709551616", " 99999999999999999999999", " 5\x0b", " 5\0"sv, " 5\x80",
               " 5\r\nContent-Length: 5", " 5\r\ncontent-length: 6", " 0\r\nCONTENT-LENGTH:");
    check_each(413, length, " 18446744073709551615", " 16777217");
    check_each(0, length, "5", " 5", "\t5 ", " 0", " 05", " 00000000000000000000000000005");
    CHECK(message_of_request(length(" 5, 5")) ==
          "the request has a Content-Length that is not one decimal number below 2^64");
  }

  TEST_CASE("a coding is chunked, once and last and alone") {
    check_each(400, coding, "", " ", " xchunked", " chunkedx", " identity", " gzip",
               " chunked, gzip", " chunked, chunked", " chunked,", " ,chunked", " ,",
               " chunked;q=1", " \"chunked\"", "chunked\t", " chunked chunked", " 'chunked'",
               " \vchunked", " chunked\x0b", " ch\0unked"sv, " chunked\x80",
               " chunked\r\nTransfer-Encoding: chunked", " chunked\r\nTransfer-Encoding: identity",
               " chunked\r\ntransfer-encoding:", " gzip, chunked, gzip", " chunk\305\277ed",
               "\r\n chunked");
    check_each(501, coding, " gzip, chunked", " identity,chunked", " x , chunked",
               " gzip\r\nTransfer-Encoding: chunked");
    check_each(0, coding, "chunked", " CHUNKED ", "\t chunked");
    CHECK(status_of("POST / HTTP/1.0\r\n" + kHost + kCoding + "\r\n" + kBodies) == 400);
    // What looks like the field and is not says nothing about the framing.
    check_each(0, field_line, "Transfer_Encoding: chunked", "X-Transfer-Encoding: chunked");
  }

  TEST_CASE("a request line is method, target and version with one space between") {
    check_each(400, line, "", " GET / HTTP/1.1", "GET  / HTTP/1.1", "GET /  HTTP/1.1",
               "GET\t/ HTTP/1.1", "GET /\tHTTP/1.1", "GET / HTTP/1.1 ", "GET / HTTP/1.1\t",
               "GET / http/1.1", "GET / HTTP/1.10", "GET / HTTP/1", "GET / HTTP/1.",
               "GET / HTTP/11", "GET / HTTP /1.1", "GET / HTTP/ 1.1", "GET / HTTP/+1.1",
               "GET / HTTP/d.d", "GET / HTTPS/1.1", "GET / RTSP/1.0", "SOURCE / ICE/1.0", "GET /",
               "GET", "GET ", "GET HTTP/1.1", "/ HTTP/1.1", "G(T / HTTP/1.1", "G\0T / HTTP/1.1"sv,
               "GET / HTTP/1.1\r", "GET / HTTP/1.1\rA: b", "GET / HTTP/1.1\n", "GET /\n",
               "\nGET / HTTP/1.1", "\r\n\r\nGET / HTTP/1.1", "\rGET / HTTP/1.1",
               "\r\n GET / HTTP/1.1", "\x80 / HTTP/1.1");
    check_each(505, line, "GET / HTTP/2.0", "GET / HTTP/1.2", "GET / HTTP/0.9", "GET / HTTP/3.1",
               "PRI * HTTP/2.0");
    check_each(501, line, "CONNECT a.example:443 HTTP/1.1", "CONNECT / HTTP/1.1");
    check_each(0, line, "GET / HTTP/1.1", "get / HTTP/1.0", "BREW /pot HTTP/1.1",
               "\r\nGET / HTTP/1.1", "OPTIONS * HTTP/1.1", "SOURCE / HTTP/1.1", "PRI / HTTP/1.1");
    CHECK(message_of_request("\x16\x03\x01"s) ==
          "the request is not HTTP/1.x: it is a TLS record: this port speaks plain HTTP");
  }

  TEST_CASE("a target is a path, an asterisk for OPTIONS, or an http URL") {
    check_each(400, target, "*", "**", "a.example", "a.example:80", "a.example/", "?q",
               "ftp://a.example/", "http:/a", "http:a", "http://", "http:///p", "http://?q",
               "http://u@a.example/", "http://u:p@a.example/", "http://a.example:99999/",
               "http://a.example:x/", "http://a.example:/", "http://a,b/", "http://a%2eb/",
               "http://[::1/", "http://[]/", "http://a\\b/", "javascript:x", "/#", "/p#f", "/a b",
               "/\0"sv, "/\x7f", "/\x80", "/a\x0b", "/a\tb", "/a\r\nX: y");
    check_each(0, target, "/", "//a.example/p", "/../%2e%00", "/<>\"\\^`{|}", "/?", "/??",
               "http://a", "HTTPS://A.example:443/?q", "http://[::1]:80");
    CHECK(message_of_request(target("http://user:secret@a/?token")) ==
          "the request has userinfo in its target");
  }

  TEST_CASE("there is one Host and it is a host") {
    check_each(400, host, "", " ", " a b", " a,b", " a/b", " a?b", " a#b", " u@a", " a:", " a:x",
               " a:70000", " a:-1", " a:+80", " a:80:80", " a: 80", " :80", " .a", " a..b", " .",
               " ..", " [::1", " ::1", " []", " [a]", " [1.2.3.4]", " [::1]x", " [::1]80:80",
               " [[::1]]", " [::1%25lo]", " [fe80::1%lo]", " a%2eb", " a\x80", " http://a", " a\\b",
               " a;b", " \"a\"", " *", " a\r\nHost: a", " a\r\nhOST: b", " a\r\nHost:", "\r\n a");
    check_each(0, host, "a", " a.example:8080", " A.Example.", " 127.0.0.1:80", " [::1]",
               " [::1]:80", " [::ffff:1.2.3.4]", " a_b-c.d", "\ta\t");
    CHECK(status_of(host(" " + std::string(253, 'a'))) == 0);
    CHECK(status_of(host(" " + std::string(254, 'a'))) == 400);
    CHECK(status_of("GET / HTTP/1.1\r\n\r\n") == 400);
    CHECK(status_of("GET http://a/ HTTP/1.1\r\n\r\n") == 400);
    CHECK(status_of("GET http://a/ HTTP/1.1\r\nHost: b c\r\n\r\n") == 400);
    CHECK(status_of("GET / HTTP/1.0\r\n\r\n") == 0);
    CHECK(status_of("GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n") == 400);
  }

  TEST_CASE("a field is a token, a colon and text, on a line of its own") {
    check_each(400, field_line, "A : b", "A\t: b", "A B: b", ": b", "A", "A;b: c", "A\x01: b",
               " A: b", "\tA: b", "A: b\r\n c", "A: b\r\n\tc", "A: b\r\n ", "A: b\0c"sv, "A: b\x0b",
               "A: b\x7f", "A: b\rC: d", "A: b\nC: d", "A\r: b", "A\n: b", "\xc3\xa4: b",
               "\0A: b"sv, "(A): b", "A: b\r", "A: b\n", "A: b\r\r", "Transfer-Encoding : chunked",
               "Transfer-Encoding\x0b: chunked", "Content-Length : 5", "Content-Length\0: 5"sv,
               "\rX");
    check_each(0, field_line, "A: b\tc\xff", "A:", "A: :", "!#$%&'*+-.^_`|~09: b", "A: Host: b");
    CHECK(status_of(kLine + kHost + "\n") == 400);
    CHECK(status_of(kLine + kHost + "\rX") == 400);
    CHECK(message_of_request(field_line("Cookie: secret\r\n folded")).find("secret") ==
          std::string::npos);
  }

  TEST_CASE("an expectation other than 100-continue is refused with its own status") {
    check_each(417, expectation, "", " x", " 200-ok", " 100-continue, x", " 100-continue;q=1",
               " 100-continue\r\nExpect: x");
    check_each(0, expectation, " 100-continue", " 100-Continue\r\nexpect:100-CONTINUE");
  }

  TEST_CASE("a chunk's size is hexadecimal digits and nothing else") {
    check_each(400, chunk_size, "", " 2", "2 ", "0x2", "-2", "+2", "2,2", "g", "2\t", "2 ;e", "2_",
               "2\0"sv, "2.0", "00000000000000002", "10000000000000002", "2\n", "2\r", "\r\n2", "1",
               "3", "2;\0"sv, "2;a\nb", "2;\"\n\"", "2;a\rb", "2;\x7f", "2\r\nX");
    check_each(413, chunk_size, "FFFFFFFFFFFFFFFF", "7fffffffffffffff", "1000001");
    check_each(0, chunk_size, "2", "02", "0000000000000002", "2;", "2;a", "2;a=b;c=\"d;e\"",
               "2; a = b", "2;;;");
  }

  TEST_CASE("chunks and trailers end in CRLF, and trailers change nothing") {
    check_each(400, chunks, "2\nhi\r\n0\r\n\r\n", "2\r\nhi\n0\r\n\r\n", "2\r\nhi\r0\r\n\r\n",
               "2\r\nhiXX0\r\n\r\n", "2\r\nhi0\r\n\r\n", "2\r\nhi\r\n0\n\r\n", "0\r\n\n",
               "0\r\n\rX", "0\r\nT: v\n\r\n", "0\r\nT : v\r\n\r\n", "0\r\n T: v\r\n\r\n",
               "0\r\nT: v\r\n w\r\n\r\n", "0\r\nT\r\n\r\n", "0\r\nT: \0\r\n\r\n"sv,
               "0\r\nGET / HTTP/1.1\r\n\r\n");
    check_each(0, chunks, "0\r\n\r\n", "000\r\n\r\n",
               "0\r\nContent-Length: 9\r\nHost: b\r\n\r\nGET", "0\r\nTransfer-Encoding: x\r\n\r\n");
    CHECK(message_of_request(chunks("2\r\nhi!")) ==
          "the request's chunked body is malformed: a chunk is longer than its announced size");
  }

  TEST_CASE("chunk lines that outweigh their chunks are refused") {
    std::string heavy;
    for (int i = 0; i < 5; ++i) heavy += "1;" + std::string(4000, 'e') + "\r\nx\r\n";
    CHECK(status_of(chunks(heavy)) == 400);
    std::string light;
    for (int i = 0; i < 2000; ++i) light += "0000000000000001;\r\nx\r\n";
    CHECK(status_of(chunks(light + "0\r\n\r\n")) == 0);
  }
}

}  // namespace request_smuggling_test
