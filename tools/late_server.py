"""A server whose every so-manieth answer comes late, for tools/bench: `late_server.py CORE EVERY MS`.

Prints its port, answers until stdin ends, and then prints how many requests it has seen.
"""

import asyncio
import os
import sys

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class LateServer:
    """Counts the requests of all connections together."""

    def __init__(self, every, late):
        self.every = every
        self.late = late
        self.seen = 0

    async def serve(self, reader, writer):
        try:
            while True:
                await reader.readuntil(b"\r\n\r\n")
                self.seen += 1
                if self.seen % self.every == 0:
                    await asyncio.sleep(self.late)
                writer.write(ANSWER)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


async def main():
    core, every, milliseconds = map(int, sys.argv[1:])
    os.sched_setaffinity(0, {core} & os.sched_getaffinity(0) or os.sched_getaffinity(0))
    server = LateServer(every, milliseconds / 1000)
    listener = await asyncio.start_server(server.serve, "127.0.0.1", 0, backlog=256)
    print(listener.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    print(server.seen, flush=True)
    os._exit(0)  # connections that are open end with it


asyncio.run(main())
