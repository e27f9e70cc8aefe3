#include "base/json_writer.h"

#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <string>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace xtrace::json_writer_test {

namespace {

using nlohmann::json;

template <class Write>
std::string written(Write write) {
  std::string out;
  JsonWriter writer{out};
  write(writer);
  return out;
}

json parsed(const std::string& text) {
  json value = json::parse(text, nullptr, false);
  REQUIRE_MESSAGE(!value.is_discarded(), text);
  return value;
}

std::string random_text(std::mt19937_64& random, unsigned first, unsigned last) {
  std::string text(random() % 40, ' ');
  for (char& c : text) c = static_cast<char>(first + random() % (last - first + 1));
  return text;
}

/// Writes a random value and returns what it must read back as.
json write_random(JsonWriter& writer, std::mt19937_64& random, int depth) {
  switch (random() % (depth > 0 ? 8 : 6)) {
    case 0: {
      const auto value = static_cast<std::int64_t>(random());
      writer.integer(value);
      return value;
    }
    case 1: {
      const std::uint64_t value = random();
      writer.unsigned_integer(value);
      return value;
    }
    case 2: {
      double value = 0;
      const std::uint64_t bits = random();
      std::memcpy(&value, &bits, sizeof value);
      writer.number(value);
      return std::isfinite(value) ? json(value) : json(nullptr);
    }
    case 3:
      writer.boolean(true);
      return true;
    case 4:
      writer.null();
      return nullptr;
    case 5: {
      const std::string text = random_text(random, 0, 0x7F);
      writer.string(text);
      return text;
    }
    case 6: {
      json array = json::array();
      writer.begin_array();
      for (auto left = random() % 5; left > 0; --left) {
        array.push_back(write_random(writer, random, depth - 1));
      }
      writer.end_array();
      return array;
    }
    default: {
      json object = json::object();
      writer.begin_object();
      for (auto left = random() % 5; left > 0; --left) {
        const std::string key = std::to_string(left) + random_text(random, 0, 0x7F);
        writer.key(key);
        object[key] = write_random(writer, random, depth - 1);
      }
      writer.end_object();
      return object;
    }
  }
}

}  // namespace

TEST_SUITE("base/json_writer") {
  TEST_CASE("the writer puts commas between values and nowhere else") {
    CHECK(written([](JsonWriter& json) {
            json.begin_object();
            json.key("a");
            json.begin_array();
            json.integer(1);
            json.begin_array();
            json.end_array();
            json.string("[");
            json.string("x:");
            json.end_array();
            json.key("b");
            json.begin_object();
            json.end_object();
            json.key("c");
            json.raw("{\"d\":[2]}");
            json.key("e");
            json.null();
            json.end_object();
          }) == R"({"a":[1,[],"[","x:"],"b":{},"c":{"d":[2]},"e":null})");
  }

  TEST_CASE("a key is escaped and mended like any text, one in the program's text too") {
    const auto write = [](auto& key) {
      return written([&key](JsonWriter& json) {
        json.begin_object();
        json.key(key);
        json.integer(1);
        json.key(key);
        json.integer(2);
        json.end_object();
      });
    };
    const std::string text = "\"\\\x1f\xc3\xa9\xff";
    const std::string expected = R"("\"\\\u001f)"
                                 "\xc3\xa9\xEF\xBF\xBD\":";
    CHECK(write("\"\\\x1f\xc3\xa9\xff") == '{' + expected + "1," + expected + "2}");
    CHECK(write(text) == '{' + expected + "1," + expected + "2}");
    CHECK(write("plain") == R"({"plain":1,"plain":2})");
    CHECK(write("") == R"({"":1,"":2})");
  }

  TEST_CASE("a value goes behind what the buffer holds already") {
    std::string out = "header:";
    JsonWriter json{out};
    json.begin_array();
    json.boolean(false);
    json.end_array();
    CHECK(out == "header:[false]");
    CHECK(json.size() == 7);
  }

  TEST_CASE("epoch seconds have six decimals, rounded to the nearest microsecond") {
    const auto at = [](std::int64_t nanoseconds) {
      return written([nanoseconds](JsonWriter& json) {
        json.time(WallTime{std::chrono::nanoseconds{nanoseconds}});
      });
    };
    CHECK(at(1'705'030'082'271'000'000) == "1705030082.271000");
    CHECK(at(1'705'030'082'000'000'499) == "1705030082.000000");
    CHECK(at(1'705'030'082'999'999'501) == "1705030083.000000");
    CHECK(at(1) == "0.000000");
    CHECK(at(-1'500'000'000) == "-1.500000");
    CHECK(written([](JsonWriter& json) { json.seconds(1705030082.271); }) == "1705030082.271000");
    CHECK(written([](JsonWriter& json) { json.seconds(0.5); }) == "0.500000");
  }

  TEST_CASE("milliseconds have the decimals they need") {
    using std::chrono::nanoseconds;
    const auto text = [](nanoseconds value) {
      return written([value](JsonWriter& json) { json.milliseconds(value); });
    };
    CHECK(text(nanoseconds(0)) == "0");
    CHECK(text(nanoseconds(1)) == "0.000001");
    CHECK(text(nanoseconds(813'400)) == "0.8134");
    CHECK(text(nanoseconds(20'000'000)) == "20");
    CHECK(text(nanoseconds(1'500'050'000)) == "1500.05");
    CHECK(text(nanoseconds(-1'250'000)) == "-1.25");
    CHECK(text(nanoseconds::min()) == "-9223372036854.775808");
  }

  TEST_CASE("what JSON cannot say is replaced and counted") {
    std::string out;
    JsonWriter json{out};
    json.begin_array();
    json.number(std::numeric_limits<double>::quiet_NaN());
    json.number(-std::numeric_limits<double>::infinity());
    json.seconds(std::numeric_limits<double>::infinity());
    json.string("a\xFF\xE2\x82z");
    json.end_array();
    CHECK(out == "[null,null,null,\"a\xEF\xBF\xBD\xEF\xBF\xBDz\"]");
    CHECK(json.corrections() == 5);
  }

  TEST_CASE("what needs a closer look is seen at any place of a long text") {
    for (unsigned byte = 0; byte < 0x80; ++byte) {
      const auto letter = static_cast<char>(byte);
      const std::string alone =
          written([letter](JsonWriter& json) { json.string(std::string(1, letter)); });
      const std::string_view escaped = std::string_view(alone).substr(1, alone.size() - 2);
      for (std::size_t at = 0; at < 24; ++at) {
        std::string text(24, 'x');
        text[at] = letter;
        const std::string expected = "\"" + std::string(at, 'x').append(escaped) +
                                     std::string(text.size() - at - 1, 'x') + "\"";
        CHECK(written([&text](JsonWriter& json) { json.string(text); }) == expected);
      }
    }
  }

  TEST_CASE("control characters, quotes and backslashes are escaped") {
    CHECK(written([](JsonWriter& json) {
            json.string(std::string_view{"\0\x1F\"\\\n\r\t/\x7F", 9});
          }) == "\"\\u0000\\u001f\\\"\\\\\\n\\r\\t/\x7F\"");
  }

  TEST_CASE("everything written reads back as the same value") {
    std::mt19937_64 random{20261121};
    for (int round = 0; round < 3'000; ++round) {
      std::string out;
      JsonWriter writer{out};
      const json expected = write_random(writer, random, 4);
      REQUIRE(parsed(out) == expected);
    }
  }

  TEST_CASE("random bytes are replaced as another writer replaces them") {
    std::mt19937_64 random{7};
    for (int round = 0; round < 3'000; ++round) {
      const std::string text = random_text(random, 0x60, 0xFF);
      const std::string ours = written([&text](JsonWriter& writer) { writer.string(text); });
      const std::string theirs = json(text).dump(-1, ' ', false, json::error_handler_t::replace);
      REQUIRE(parsed(ours) == parsed(theirs));
    }
  }

  TEST_CASE("doubles take the shortest form that reads back the same") {
    CHECK(written([](JsonWriter& json) { json.number(0.1); }) == "0.1");
    CHECK(written([](JsonWriter& json) { json.number(1e300); }) == "1e+300");
    CHECK(written([](JsonWriter& json) { json.number(3); }) == "3");
    const double smallest = std::numeric_limits<double>::denorm_min();
    CHECK(parsed(written([smallest](JsonWriter& json) { json.number(smallest); })) == smallest);
  }
}

}  // namespace xtrace::json_writer_test
