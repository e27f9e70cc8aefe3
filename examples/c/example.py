"""The same service from Python, by ctypes: `example.py LIBRARY [REQUESTS [TRACE_HEADER]]`.

LIBRARY is libxtrace-xray.so, or libxtrace-c.so of a build directory. Structs are declared as far as
they are used: `size` tells the library how far that is.
"""

import contextlib
import ctypes
import sys
from ctypes import c_bool, c_char_p, c_double, c_int, c_int64, c_size_t, c_uint64, c_void_p

SAMPLE_BY_RATE = 1
REMOTE = 1
HEADER_SIZE = 640


class Sized(ctypes.Structure):
    """A struct that begins with its size. Texts are `str`."""

    def __init__(self, **fields):
        texts = {name: encode(value) for name, value in fields.items()}
        super().__init__(size=ctypes.sizeof(type(self)), **texts)


class TracerConfig(Sized):
    _fields_ = [
        ("size", c_size_t),
        ("name", c_char_p),
        ("daemon_address", c_char_p),
        ("emitter", c_int),
        ("emit_file", c_char_p),
        ("on_document", c_void_p),
        ("sampling", c_int),
        ("sampling_rate", c_double),
    ]


class SegmentOptions(Sized):
    _fields_ = [("size", c_size_t), ("name", c_char_p), ("trace_header", c_char_p)]


class SubsegmentOptions(Sized):
    _fields_ = [("size", c_size_t), ("name_space", c_int)]


class XrayException(Sized):
    _fields_ = [("size", c_size_t), ("type", c_char_p), ("message", c_char_p)]


class Stats(Sized):
    _fields_ = [("size", c_size_t)] + [
        (name, c_uint64)
        for name in "segments sampled missing_contexts late_values documents sent".split()
    ]


class Error(ctypes.Structure):
    _fields_ = [("code", c_int), ("message", ctypes.c_char * 512)]


def encode(value):
    return value.encode() if isinstance(value, str) else value


def load(path):
    """The library, told which results are pointers; the rest are numbers."""
    library = ctypes.CDLL(path)
    for name in "tracer_create begin_segment begin_subsegment".split():
        getattr(library, f"xtrace_{name}").restype = c_void_p
    library.xtrace_trace_header.restype = c_size_t
    library.xtrace_tracer_drain.restype = c_bool
    return library


class Segment:
    """A segment or subsegment: ends with its `with`, and with the exception that ends that."""

    def __init__(self, library, handle):
        self.library, self.handle = library, c_void_p(handle)

    def __enter__(self):
        return self

    def __exit__(self, kind, exception, _):
        if exception is not None:
            record = XrayException(type=kind.__name__, message=str(exception))
            self.library.xtrace_add_exception(self.handle, ctypes.byref(record), None, c_size_t(0))
        self.library.xtrace_end(self.handle)

    def begin(self, name, name_space=0):
        options = SubsegmentOptions(name_space=name_space)
        begin = self.library.xtrace_begin_subsegment
        return Segment(self.library, begin(self.handle, name.encode(), ctypes.byref(options)))

    def header(self):
        buffer = ctypes.create_string_buffer(HEADER_SIZE)
        self.library.xtrace_trace_header(self.handle, buffer, c_size_t(HEADER_SIZE))
        return buffer.value.decode()

    def annotate(self, key, value):
        self.library.xtrace_annotate_integer(self.handle, key.encode(), c_int64(value))

    def set_status(self, status):
        self.library.xtrace_set_status(self.handle, status)


class Tracer:
    def __init__(self, path, **settings):
        self.library, error = load(path), Error()
        config = TracerConfig(**settings)
        create = self.library.xtrace_tracer_create
        self.handle = c_void_p(create(ctypes.byref(config), ctypes.byref(error)))
        if not self.handle:
            raise ValueError(error.message.decode())

    def begin(self, trace_header=None):
        options = SegmentOptions(trace_header=trace_header)
        handle = self.library.xtrace_begin_segment(self.handle, ctypes.byref(options))
        return Segment(self.library, handle)

    def close(self):
        """How many documents were sent."""
        self.library.xtrace_tracer_drain(self.handle, c_int64(1_000_000_000))
        stats = Stats()
        self.library.xtrace_tracer_stats(self.handle, ctypes.byref(stats))
        self.library.xtrace_tracer_destroy(self.handle)
        return stats.sent


def serve(tracer, item, trace_header):
    with tracer.begin(trace_header) as segment:
        segment.annotate("item", item)
        with contextlib.suppress(LookupError), segment.begin("stock@db.internal", REMOTE):
            if item % 10 == 9:
                raise LookupError("the stock has no such item")
        with segment.begin("payment.example.com", REMOTE) as call:
            print(f"POST /v1/charges  X-Amzn-Trace-Id: {call.header()}")
            call.set_status(201)
        segment.set_status(200)


def main(library, requests="10", trace_header=None):
    tracer = Tracer(library, name="orders", sampling=SAMPLE_BY_RATE, sampling_rate=1)
    for item in range(int(requests)):
        serve(tracer, item, trace_header)
    print(f"{tracer.close()} documents sent")


if __name__ == "__main__":
    main(*sys.argv[1:])
