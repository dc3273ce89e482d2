"""A scripted model server: plays a deterministic coding model over one chosen wire, and is strict about it.

conversation  what was asked, whatever the wire        plan     one answer, cut into small pieces
scripts       what the model says and calls            server   HTTP: faults, the log, model lists
summary       compaction                                  shapes   calls as models make them, not as declared
tools         finding a tool that does the job         wires/   reading requests, writing answers
"""
