"""Workflow definitions that several tests run, for the scripted agent and the recording connector."""

CHAIN = """
name: chain
input: {type: object, properties: {n: {type: integer}}}
steps:
  - id: twice
    transform: {value: "${ input.n * 2 }"}
  - id: send
    connector: recording
    with: {amount: "${ twice.output.value }"}
outputs: {sent: "${ send.output.echo.amount }"}
"""

GATED = """
name: gated
input: {type: object}
steps:
  - id: intent
    agent: scripted
    with: {label: refund, confidence: "${ input.confidence }"}
    action: {connector: recording, with: {queue: "${ proposal.label }"}}
  - id: after
    transform: "${ intent.output.label }"
outputs: {label: "${ after.output }"}
"""
