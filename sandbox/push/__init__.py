"""When the API calls you: what happens is told to whoever asked, signed, again and again until they have heard.

`foundation.outbox` keeps what must be told, `delivery` sends it, `webhooks` says how a webhook is called, `routes` shows
what was sent. The log announces what becomes visible, and it is written down for those who listen in that transaction.
"""

from sandbox.push.routes import blueprint

__all__ = ["blueprint"]
