"""Network policies: from where people may sign in and programs may call, in named lists of networks.

Copy card. Needs: foundation, http (`precondition`), access (`network`, the check at every door), audit_events (`record`).
Delete: `on_network_denied` where refused requests are nobody's business.
"""

from sandbox.resources.network_policies.routes import blueprint

__all__ = ["blueprint"]
