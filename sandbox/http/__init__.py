"""How we speak HTTP, once for all resources: contracts, problems, pagination, limits, conditions."""
