import unittest

from check_sizes import complaints_about, functions


def source_with_function_of(lines):
    """A file whose function `Reader::read` has so many lines, and braces that do not count."""
    body = '  if (text == "}" || mark == \'}\') { /* } */ call({1, 2}); }  // }\n' * (lines - 2)
    return (
        "namespace xtrace {\n"
        "struct Reader final : Base<int(int)> {\n  int inside() { return 1; }\n};\n"
        "constexpr int kSizes[] = {1, 2};\n\n"
        "int Reader::read(std::function<void(int)> on_read) const {\n" + body + "}\n"
        "}  // namespace xtrace\n"
    )


class SizeCheckTests(unittest.TestCase):
    def test_functions_are_found_with_their_lines(self):
        found = functions(source_with_function_of(12))
        self.assertEqual(found, [("inside", 3, 1), ("Reader::read", 7, 12)])

    def test_a_function_of_41_lines_is_refused_and_one_of_40_is_not(self):
        self.assertEqual(list(complaints_about("src/a.cpp", source_with_function_of(40))), [])
        complaints = list(complaints_about("src/a.cpp", source_with_function_of(41)))
        self.assertEqual(len(complaints), 1)
        self.assertIn("src/a.cpp:7: Reader::read has 41 lines", complaints[0])

    def test_each_kind_of_file_has_its_own_limit(self):
        for path, limit in (("src/a.cpp", 350), ("src/a.h", 200), ("tests/net/a_test.cpp", 300)):
            self.assertEqual(list(complaints_about(path, "\n" * limit)), [])
            self.assertEqual(len(list(complaints_about(path, "\n" * (limit + 1)))), 1)
