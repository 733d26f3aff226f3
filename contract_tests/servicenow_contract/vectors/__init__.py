"""Requests: each breaks one rule (rules), is wrong as bytes (raw), or is drawn (generated)."""
