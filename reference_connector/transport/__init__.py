"""HTTP, once for the whole connector: one client a run, guarded, recorded, throttled and retried.

From the outside in: `client` (retry and throttle around each request) → sign-in flow → `origin` (no foreign host) →
`recorder` (evidence) → network. Nothing above this folder sees an HTTP library.
"""
