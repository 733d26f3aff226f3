"""The maintainer's own tools: rendering, page reader, comparison, builds. Never shipped."""
