"""What the end-to-end tests stand on: servers, a terminal, a daemon, the binary under test."""
