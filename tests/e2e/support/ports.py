"""Free ports, and waiting until somebody listens on one."""

import socket
import time


def free_ports(count):
    """Ports that were free a moment ago on 127.0.0.1 and ::1, all different."""
    held = []
    refusals = 0
    while len(held) < count:
        v6 = socket.socket(socket.AF_INET6)
        v6.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        v4 = socket.socket()
        try:
            v6.bind(("::1", 0))
            v4.bind(("127.0.0.1", v6.getsockname()[1]))
            held.append((v4, v6))
        except OSError as error:
            v4.close()
            v6.close()
            refusals += 1
            if refusals > 100:
                raise RuntimeError("no port is free on both 127.0.0.1 and ::1") from error
    ports = [v4.getsockname()[1] for v4, _ in held]
    for pair in held:
        for held_socket in pair:
            held_socket.close()
    return ports


def refusing_port():
    """A port where nobody listens."""
    return free_ports(1)[0]


def wait_for_listener(address, process, deadline=10.0):
    """Returns once `address` accepts connections; raises where `process` ends before that."""
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    end = time.monotonic() + deadline
    while True:
        with socket.socket(family) as probe:
            if probe.connect_ex(address) == 0:
                return
        if process.poll() is not None:
            raise RuntimeError(
                f"{process.args[0]} ended with {process.returncode} before it listened"
            )
        if time.monotonic() > end:
            raise RuntimeError(f"{process.args[0]} does not listen on {address}")
        time.sleep(0.005)
