"""Agents: they propose, with a confidence, and never act."""
