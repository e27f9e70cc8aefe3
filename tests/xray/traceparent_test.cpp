#include <doctest/doctest.h>

#include <xtrace/trace_header.h>

namespace xtrace::traceparent_test {

namespace {

const std::string kTrace = "4bf92f3577b34da6a3ce929d0e0e4736";
const std::string kRoot = "1-4bf92f35-77b34da6a3ce929d0e0e4736";
const std::string kParent = "00f067aa0ba902b7";
const std::string kTraceparent = "00-" + kTrace + "-" + kParent + "-01";

/// What `tracestate` comes out as behind a valid traceparent, when it is passed on.
std::string pass_on(std::string_view tracestate) {
  return parse_traceparent(kTraceparent, tracestate).to_tracestate();
}

std::string members(std::size_t count) {
  std::string list;
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0) list += ',';
    list += 'k' + std::to_string(i) + "=v";
  }
  return list;
}

}  // namespace

TEST_SUITE("xray/traceparent") {
  TEST_CASE("a traceparent names root, parent and decision") {
    const TraceHeader header = parse_traceparent(kTraceparent);
    REQUIRE(header.root.has_value());
    CHECK(header.root->text() == kRoot);
    CHECK(header.parent == kParent);
    CHECK(header.sampled == Sampled::yes);
    CHECK(header.tracestate.empty());
    CHECK(header.to_string() == "Root=" + kRoot + ";Parent=" + kParent + ";Sampled=1");
    CHECK(header.to_traceparent() == kTraceparent);
  }

  TEST_CASE("of the flags only the lowest bit decides, and the others are not passed on") {
    struct Vector {
      std::string flags;
      Sampled sampled;
      std::string written;
    };
    for (const Vector& vector : {Vector{"00", Sampled::no, "00"}, Vector{"01", Sampled::yes, "01"},
                                 Vector{"02", Sampled::no, "00"}, Vector{"03", Sampled::yes, "01"},
                                 Vector{"fe", Sampled::no, "00"}, Vector{"ff", Sampled::yes, "01"},
                                 Vector{"0b", Sampled::yes, "01"}}) {
      CAPTURE(vector.flags);
      const std::string start = "00-" + kTrace + "-" + kParent + "-";
      const TraceHeader header = parse_traceparent(start + vector.flags);
      CHECK(header.sampled == vector.sampled);
      CHECK(header.to_traceparent() == start + vector.written);
    }
  }

  TEST_CASE("later versions are read by their beginning") {
    const std::string rest = "-" + kTrace + "-" + kParent + "-01";
    for (const std::string& text : {"cc" + rest, "01" + rest + "-what-the-future-brings",
                                    "fe" + rest + "-", " \t" + kTraceparent + " "}) {
      CAPTURE(text);
      CHECK(parse_traceparent(text) == parse_traceparent(kTraceparent));
    }
  }

  TEST_CASE("a traceparent that breaks the rules is an empty header, and its tracestate with it") {
    const std::string rest = "-" + kTrace + "-" + kParent + "-01";
    for (const std::string& text : std::vector<std::string>{
             "",
             "00",
             "ff" + rest,
             "FE" + rest,
             "0g" + rest,
             "0" + rest,
             "000" + rest,
             "00" + rest + "-more",
             "00" + rest + ".",
             "01" + rest + "more",
             "cc" + rest + ".what",
             "00_" + rest.substr(1),
             "00-" + kTrace + "_" + kParent + "-01",
             "00-" + kTrace + "-" + kParent + "_01",
             "00-" + kTrace + "-" + kParent + "-0",
             "00-" + kTrace + "-" + kParent + "-0x",
             "00-" + kTrace + "-" + kParent + "-0A",
             "00-" + std::string(32, '0') + "-" + kParent + "-01",
             "00-" + kTrace + "-" + std::string(16, '0') + "-01",
             "00-4BF92F3577B34DA6A3CE929D0E0E4736-" + kParent + "-01",
             "00-" + kTrace + "-00F067AA0BA902B7-01",
             "00-" + kTrace.substr(1) + ".-" + kParent + "-01",
             "00-" + kTrace + "-" + kParent.substr(1) + ".-01",
             kTraceparent + "," + kTraceparent,
         }) {
      CAPTURE(text);
      CHECK(parse_traceparent(text, "vendor=1,xtrace=Lineage:1").is_empty());
    }
  }

  TEST_CASE("what W3C cannot say is written as not sampled") {
    TraceHeader header = parse_traceparent(kTraceparent);
    for (const Sampled sampled : {Sampled::no, Sampled::unknown, Sampled::requested}) {
      header.sampled = sampled;
      CHECK(header.to_traceparent().ends_with("-00"));
    }
  }

  TEST_CASE("a header without a recorded root and a parent writes no traceparent") {
    const TraceHeader whole = parse_traceparent(kTraceparent);
    for (const std::string_view parent : {"", "foo", "0000000000000000"}) {
      TraceHeader header = whole;
      header.parent = parent;
      CHECK_MESSAGE(header.to_traceparent().empty(), parent);
    }
    TraceHeader header = whole;
    header.root = TraceId{};
    CHECK(header.to_traceparent().empty());
    header.root.reset();
    header.root_text = kRoot;
    CHECK(header.to_traceparent().empty());
    header = whole;
    header.parent = "00F067AA0BA902B7";
    CHECK(header.to_traceparent() == kTraceparent);
  }

  TEST_CASE("the tracestate of others is passed on as it came, tidied") {
    struct Vector {
      std::string_view text;
      std::string_view passed_on;
    };
    for (const Vector& vector :
         {Vector{"rojo=00f067aa0ba902b7,congo=t61rcWkgMzE",
                 "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE"},
          Vector{" a=1 \t,\t b=2 ", "a=1,b=2"}, Vector{",a=1,, ,b=2,", "a=1,b=2"},
          Vector{"tenant@system=x y", "tenant@system=x y"}, Vector{"0a_-*/=!~", "0a_-*/=!~"},
          Vector{"a=1,a=2", "a=1,a=2"}, Vector{"", ""}, Vector{" , ", ""}}) {
      CAPTURE(vector.text);
      CHECK(pass_on(vector.text) == vector.passed_on);
    }
    CHECK(pass_on(members(32)) == members(32));
    const std::string longest = std::string(200, 'k') + "=" + std::string(256, 'v');
    CHECK(pass_on(longest) == longest);
  }

  TEST_CASE("a malformed tracestate is dropped, and the traceparent kept") {
    for (const std::string& text : std::vector<std::string>{
             "foo", "=1", "a=", "a=1,b", "a=1=2", "A=1", "a b=1", "_a=1", "a=\x01", "a=\xC3\xA9",
             "a=1;b,c=d=e", "a=1\r\nHost: b", members(33), std::string(257, 'k') + "=v",
             "k=" + std::string(257, 'v')}) {
      CAPTURE(text);
      const TraceHeader header = parse_traceparent(kTraceparent, text);
      CHECK(header == parse_traceparent(kTraceparent));
    }
  }

  TEST_CASE("a tracestate past 512 bytes loses long members first and then the last ones") {
    const std::string long_member = "long=" + std::string(124, 'v');
    const std::string fitting = "fits=" + std::string(123, 'v');
    const std::string tail = ",c=" + std::string(97, 'v');
    CHECK(pass_on(long_member + "," + fitting + tail + tail + tail + tail) ==
          fitting + tail + tail + tail);
    const std::string exact = "a=" + std::string(107, 'v') + tail + tail + tail + ",d=12";
    REQUIRE(exact.size() == 414);
    CHECK(pass_on(exact + ",e=" + std::string(95, 'v')).size() == 512);
    CHECK(pass_on(exact + ",e=" + std::string(96, 'v')) == exact);
    const std::string alone = std::string(256, 'k') + "=" + std::string(256, 'v');
    CHECK(pass_on(alone).empty());
  }

  TEST_CASE("extra fields survive the way through a tracestate") {
    const TraceHeader header = parse_trace_header(
        "Root=" + kRoot + ";Parent=" + kParent +
        ";Sampled=1;Lineage=1:a87bd80c:0|68fd508a:5|c512fbe3:2;a:b=c=d,e%20f;X=y");
    const std::string state = header.to_tracestate();
    CHECK(state == "xtrace=Lineage:1:a87bd80c:0|68fd508a:5|c512fbe3:2;a%3Ab:c%3Dd%2Ce%2520f;X:y");
    const TraceHeader back = parse_traceparent(header.to_traceparent(), "v=1," + state + ",w=2");
    CHECK(back.extra == header.extra);
    CHECK(back.tracestate == "v=1,w=2");
    CHECK(back.to_tracestate() == state + ",v=1,w=2");
  }

  TEST_CASE("a member of ours that makes no sense adds nothing, and never a field of its own") {
    for (const std::string_view value : {"nothing", ":x", "k:", "Root:1-2-3", "k%3Dx:y", "k:a%3Bb",
                                         "k:a%0Db", "k:a%20b", "k:a b"}) {
      CAPTURE(value);
      CHECK(pass_on("xtrace=" + std::string{value}).empty());
    }
    CHECK(pass_on("xtrace=k:%zz%4") == "xtrace=k:%25zz%254");
    CHECK(pass_on("xtrace=a:b;;c;d:e") == "xtrace=a:b;d:e");
  }

  TEST_CASE("extra fields give way to the members of others") {
    TraceHeader header = parse_traceparent(kTraceparent);
    header.extra = {{"a", std::string(200, 'b')}, {"c", std::string(60, 'd')}, {"e", "f"}};
    const std::string own = "xtrace=a:" + std::string(200, 'b') + ";e:f";
    CHECK(header.to_tracestate() == own);
    header.tracestate = "k=" + std::string(256, 'v') + ",l=";
    header.tracestate += std::string(512 - own.size() - 1 - header.tracestate.size(), 'v');
    CHECK(header.to_tracestate() == own + "," + header.tracestate);
    header.tracestate += 'v';
    CHECK(header.to_tracestate() == header.tracestate);
    header.tracestate = members(32);
    CHECK(header.to_tracestate() == members(32));
    header.tracestate = members(31);
    CHECK(header.to_tracestate() == own + "," + members(31));
  }

  TEST_CASE("a tracestate set by hand cannot add a line to what is written") {
    TraceHeader header = parse_traceparent(kTraceparent);
    header.extra = {{"a", "b"}, {"c\r\n", "d"}, {"Self", "e"}};
    for (const std::string& text :
         {std::string("a=1\r\nHost: b"), members(33), "k=" + std::string(511, 'v')}) {
      header.tracestate = text;
      CHECK(header.to_tracestate() == "xtrace=a:b");
    }
    header.tracestate = "v=1,xtrace=x:y";
    CHECK(header.to_tracestate() == "xtrace=a:b,v=1");
  }

  TEST_CASE("X-Amzn-Trace-Id wins where it names a trace") {
    const std::string own = "Root=1-58ed6027-14afb2e09172c337713486c0;Sampled=?;Lineage=1:a:0";
    const TraceHeader header = read_trace_headers(own, kTraceparent, "v=1,xtrace=k:l");
    CHECK(header == parse_trace_header(own));
  }

  TEST_CASE("tracestate joins X-Amzn-Trace-Id where both name one trace") {
    const std::string own = "Root=" + kRoot + ";Parent=53995c3f42cd8ad8;Sampled=0;k=v";
    const TraceHeader header = read_trace_headers(own, kTraceparent, "v=1,xtrace=k:l");
    CHECK(header.to_string() == own);
    CHECK(header.to_tracestate() == "xtrace=k:v,v=1");
  }

  TEST_CASE("a traceparent continues where X-Amzn-Trace-Id names no trace") {
    for (const std::string_view own : {"", "Sampled=1", "Root=dummy;Parent=foo", "nonsense"}) {
      CHECK(read_trace_headers(own, kTraceparent, "v=1") == parse_traceparent(kTraceparent, "v=1"));
    }
    CHECK(read_trace_headers("Root=dummy;Sampled=1", "00-nonsense", "v=1") ==
          parse_trace_header("Root=dummy;Sampled=1"));
    CHECK(read_trace_headers("", "", "v=1").is_empty());
    CHECK(read_trace_headers("Self=1-2-3;Root=1-58ed6027-14afb2e09172c337713486c0", kTraceparent,
                             "v=1") == parse_traceparent(kTraceparent, "v=1"));
  }
}

}  // namespace xtrace::traceparent_test
