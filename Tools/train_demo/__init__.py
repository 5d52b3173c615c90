"""Trains the demo's CLIPs from scratch on the rendered world; see Demo/README.md."""
