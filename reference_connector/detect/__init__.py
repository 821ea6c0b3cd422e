"""From normalized events to alerts: Sigma rules, Sigma correlations, and two detectors that follow people and sessions.

Reading order: `engine` (one pass over the events, then the conclusions) → `attributes`, `sigma` (does an event match?) →
`event_log` (where an event stands) → `watch` (what matched) → `correlate` and `detectors/` (what follows from it) →
`alerts` (what people get to see).
"""
