"""A scripted model server: plays a deterministic coding model over one chosen wire, and is strict about it.

conversation  what was asked, whatever the wire        plan     one answer, cut into small pieces
scripts       what the model says and calls            server   HTTP: faults, the log, model lists
tools         finding a tool that does the job         wires/   reading requests, writing answers
"""
