"""`/_lab/limits`: other limits for one tenant, told in the headers of another vendor, while the server runs.

Kept under the tenant's stamp, so that a request costs a look into a dictionary and every worker agrees at once. The
limits of signing in and the like stay the server's: they protect people, not quotas.
"""

from __future__ import annotations

from typing import Any, cast

from flask import Blueprint, Flask, current_app
from marshmallow import Schema, ValidationError, fields, validate
from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from sandbox.access.remembered import remembered
from sandbox.foundation.database import Model, db, transaction
from sandbox.foundation.tenancy import TenantOwned, current_tenant_id, touch
from sandbox.http.contract import NoFilters, accepts, read_query, returns, single_values
from sandbox.http.limits.header_styles import STYLES
from sandbox.http.limits.rule import InvalidRule, parse
from sandbox.http.rate_limit import API, TENANT, RateLimit, Terms
from sandbox.lab import door

blueprint = Blueprint("lab_limits", __name__, url_prefix="/_lab/limits")
blueprint.before_request(door.check)


class OwnLimits(TenantOwned, Model):
    """The limits of a tenant that differ from the server's."""

    __tablename__ = "lab_limits"

    client: Mapped[str] = mapped_column(String(300))
    tenant: Mapped[str] = mapped_column(String(300))
    headers: Mapped[str] = mapped_column(String(30))


def _readable(text: str) -> None:
    try:
        parse(text)
    except InvalidRule as error:
        raise ValidationError(str(error)) from None


class LimitsSchema(Schema):
    """What one client and all clients of the tenant may ask, and how they are told; empty means no limit."""

    client = fields.String(validate=[validate.Length(max=300), _readable])
    tenant = fields.String(validate=[validate.Length(max=300), _readable])
    headers = fields.String(validate=validate.OneOf(list(STYLES)))


def install(app: Flask) -> None:
    """Let the limiter of this application ask here."""
    app.register_blueprint(blueprint)
    _limiter(app).use_terms(_terms)


@blueprint.get("")
@returns(LimitsSchema())
def read_limits() -> Terms:
    """Tell the limits of the tenant, its own or those of the server."""
    _no_query()
    return _terms() or _servers()


@blueprint.put("")
@returns(LimitsSchema())
@accepts(LimitsSchema())
def set_limits(**given: str) -> Terms:
    """Set limits; what is not given stays. What was asked before counts on under a rule that stays, and no longer else."""
    _no_query()
    with transaction() as session:
        touch()
        terms = (_find() or _servers())._replace(**given)
        session.merge(OwnLimits(tenant_id=current_tenant_id(), **terms._asdict()))
    return terms


@blueprint.delete("")
@returns(LimitsSchema())
def drop_limits() -> Terms:
    """Go back to the limits of the server, and tell them."""
    _no_query()
    with transaction() as session:
        touch()
        if (own := session.get(OwnLimits, current_tenant_id())) is not None:
            session.delete(own)
    return _servers()


def _terms() -> Terms | None:
    """Give the tenant's own limits; that there are none is remembered too."""
    return remembered("limits", lambda: (_find(),))[0]


def _find() -> Terms | None:
    own = db.session.get(OwnLimits, current_tenant_id())
    return Terms(own.client, own.tenant, own.headers) if own is not None else None


def _servers() -> Terms:
    limiter = _limiter(current_app)
    return Terms(limiter.rules[API], limiter.rules[TENANT], limiter.headers)


def _limiter(app: Any) -> RateLimit:
    return cast(RateLimit, app.extensions["rate_limit"])


def _no_query() -> None:
    read_query(NoFilters(), single_values())
