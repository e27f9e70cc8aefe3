#include <doctest/doctest.h>

#include <xtrace/trace_header.h>

namespace xtrace::trace_header_test {

namespace {

const std::string kRoot = "1-58ed6027-14afb2e09172c337713486c0";

TraceHeader root_only() {
  return parse_trace_header("Root=" + kRoot);
}

struct Vector {
  std::string_view text;
  std::string_view printed;
};

// Where the SDKs for Go, Node and Python differ, what we do is what loses nothing and breaks
// nobody.
constexpr Vector kVectors[] = {
    {"Root=r; Parent=p; Sampled=1", "Root=r;Parent=p;Sampled=1"},  // Python loses all but Root
    {"Root=r;\tParent=p", "Root=r;Parent=p"},
    {"root=r;parent=p", "Root=r;Parent=p"},         // Go and Python take them for extra fields
    {"Root=r;Sampled=1;", "Root=r;Sampled=1"},      // Python loses the header
    {"Root=r;bare;Sampled=1", "Root=r;Sampled=1"},  // Python loses the header
    {"Root=r;k=a=b", "Root=r;k=a=b"},               // Node and Python read a
    {"Root=r;Root=s", "Root=s"},                    // all
    {"Root=r;Sampled=2", "Root=r"},                 // Node keeps the 2
    {"Root=r;Sampled=?", "Root=r;Sampled=?"},       // all
    {"Root=r;Sampled=", "Root=r"},
    {"Self=1-2-3;Root=r", "Root=r"},               // all
    {"Root=R;k1=v1;k2=v2", "Root=R;k1=v1;k2=v2"},  // Go shuffles them, Node does not pass them on
    {"Root=dummy;Sampled=1", "Root=dummy;Sampled=1"},  // Node makes a new root
    {"Root=r;Lineage=a87bd80c:0|68fd508a:5", "Root=r;Lineage=a87bd80c:0|68fd508a:5"},
};

}  // namespace

TEST_SUITE("xray/trace_header") {
  TEST_CASE("a header of any SDK reads, and prints tidily") {
    for (const Vector& vector : kVectors) {
      CHECK_MESSAGE(parse_trace_header(vector.text).to_string() == vector.printed, vector.text);
    }
  }

  TEST_CASE("a decision alone is a header") {
    const TraceHeader header = parse_trace_header("Sampled=1");
    CHECK(header.sampled == Sampled::yes);
    CHECK_FALSE(header.root.has_value());
    CHECK(header.root_text.empty());
    CHECK(header.parent.empty());
    CHECK(header.extra.empty());
  }

  TEST_CASE("a root that is no trace id is kept as it is, and Self is dropped") {
    for (const std::string_view gap : {"", " ", "\t "}) {
      std::string text = "Sampled=?";
      for (const std::string_view element :
           {"Root=0-57ff426a-80c11c39b0c928905eb0828d", "Parent=foo", "Self=2", "Foo=bar"}) {
        (((text += ';') += gap) += element);
      }
      const TraceHeader header = parse_trace_header(text);
      CHECK(header.sampled == Sampled::requested);
      CHECK_FALSE(header.root.has_value());
      CHECK(header.root_text == "0-57ff426a-80c11c39b0c928905eb0828d");
      CHECK(header.parent == "foo");
      CHECK(header.extra == std::vector<TraceField>{{"Foo", "bar"}});
    }
  }

  TEST_CASE("keys compare without case") {
    const TraceHeader header =
        parse_trace_header("rOOt=" + kRoot + ";pArEnt=48af77592b6dd73f;sAmPlEd=1;SELF=1-2-3");
    REQUIRE(header.root.has_value());
    CHECK(header.root->text() == kRoot);
    CHECK(header.parent == "48af77592b6dd73f");
    CHECK(header.sampled == Sampled::yes);
    CHECK(header.extra.empty());
  }

  TEST_CASE("elements that make no sense are skipped") {
    for (const std::string_view tail :
         {";", ";Parent", ";=48af77592b6dd73f", ";Parent=", ";;;", "; ; =;==", ";Fo\no=bar",
          ";Foo=b\x01r", ";Foo=b r", ";Foo=\xC3\xA9"}) {
      const TraceHeader header = parse_trace_header("Root=" + kRoot + std::string{tail});
      CHECK_MESSAGE(header == root_only(), tail);
    }
    CHECK(parse_trace_header("some invalid string").is_empty());
    CHECK(parse_trace_header("").is_empty());
    CHECK(parse_trace_header("Sampled=2").is_empty());
    CHECK(parse_trace_header("Root=" + std::string(1'000, 'a')).is_empty());
    CHECK(parse_trace_header("Parent=" + std::string(1'000, 'a')).is_empty());
  }

  TEST_CASE("a value is everything after the first equals sign") {
    CHECK(parse_trace_header("k=a=b").extra == std::vector<TraceField>{{"k", "a=b"}});
    CHECK(parse_trace_header("Lineage=1:a87bd80c:0|68fd508a:5|c512fbe3:2").to_string() ==
          "Lineage=1:a87bd80c:0|68fd508a:5|c512fbe3:2");
  }

  TEST_CASE("the last of equal keys wins and keeps its place") {
    const TraceHeader header =
        parse_trace_header("Root=x;Root=" + kRoot + ";a=1;b=2;A=3;Sampled=1;Sampled=0");
    CHECK(header.to_string() == "Root=" + kRoot + ";Sampled=0;A=3;b=2");
    CHECK(header.root_text.empty());
  }

  TEST_CASE("fields that travel along have 256 bytes") {
    const std::string root = "Root=" + kRoot;
    CHECK(parse_trace_header(root + ";Foo=bar;Baz=" + std::string(251, 'a')).to_string() ==
          root + ";Foo=bar");
    CHECK(
        parse_trace_header("Baz=" + std::string(256, 'a') + ";" + root + ";Foo=bar").to_string() ==
        root + ";Foo=bar");
    const std::string exact = ";Foo=bar;Baz=" + std::string(247, 'a');
    CHECK(parse_trace_header(root + exact).to_string() == root + exact);
  }

  TEST_CASE("a header prints without spaces, empty elements and a last semicolon") {
    CHECK(TraceHeader{}.to_string().empty());
    TraceHeader header;
    header.parent = "foo";
    header.sampled = Sampled::yes;
    CHECK(header.to_string() == "Parent=foo;Sampled=1");
    header.root_text = "R";
    header.extra = {{"Foo", "bar"}};
    CHECK(header.to_string() == "Root=R;Parent=foo;Sampled=1;Foo=bar");
    header.sampled = Sampled::unknown;
    CHECK(header.to_string() == "Root=R;Parent=foo;Foo=bar");
    header.sampled = Sampled::requested;
    header.parent.clear();
    CHECK(header.to_string() == "Root=R;Sampled=?;Foo=bar");
    CHECK(parse_trace_header("Root=x-traceid;Sampled=1").to_string() == "Root=x-traceid;Sampled=1");
    CHECK(parse_trace_header("Root=R;k1=v1;k2=v2").to_string() == "Root=R;k1=v1;k2=v2");
  }

  TEST_CASE("a header is written behind what a string holds") {
    const TraceHeader header = parse_trace_header("Root=" + kRoot + ";Sampled=1");
    std::string line = "X-Amzn-Trace-Id: ";
    header.append_to(line);
    CHECK(line == "X-Amzn-Trace-Id: Root=" + kRoot + ";Sampled=1");
    TraceHeader{}.append_to(line);
    CHECK(line == "X-Amzn-Trace-Id: Root=" + kRoot + ";Sampled=1");
  }

  TEST_CASE("no field can add a line or an element to what is printed") {
    TraceHeader header;
    header.root = TraceId::parse(kRoot).value();
    header.parent = "a\r\nHost: b";
    header.extra = {{"a;b", "c"}, {"d", "e;f"},     {"g=h", "i"}, {"", "j"},
                    {"k", ""},    {"Sampled", "1"}, {" l", "m"},  {"n", "o"}};
    CHECK(header.to_string() == "Root=" + kRoot + ";n=o");
  }

  TEST_CASE("an asked-for decision has no parent") {
    const TraceHeader header =
        parse_trace_header("Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=?");
    CHECK(header.root->text() == "1-5759e988-bd862e3fe1be46a994272793");
    CHECK(header.parent.empty());
    CHECK(header.sampled == Sampled::requested);
  }

  TEST_CASE("what was printed parses to the same header") {
    const std::string text =
        "Root=" + kRoot + ";Parent=48af77592b6dd73f;Sampled=0;Lineage=1:a:0;x=y";
    CHECK(parse_trace_header(text).to_string() == text);
    CHECK(parse_trace_header(parse_trace_header(text).to_string()) == parse_trace_header(text));
  }
}

}  // namespace xtrace::trace_header_test
