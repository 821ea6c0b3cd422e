"""From a manifest and a vendor to files that hold everything once: windows, pages, sinks, checkpoints.

Reading order: `engine` (all streams) → `full_refresh` and `incremental` (one stream) → `page` (one answer) → `intake`
(one record) → `checkpoint`, `dedupe`, `window` (what is remembered) → `outcome` (what is told).
"""
