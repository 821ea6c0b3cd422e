"""The schemas that Harbor speaks, as data (RFC 7643 §4, §5, §7): what `/Schemas` shows is what bodies are held against.

Two attributes are required here that the specification leaves open: a person without an address cannot be reached, and
`active` cannot be without a value. Passwords are no attribute: who is provisioned signs in elsewhere.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from sandbox.scim.attribute import Attribute, Kind, Schema

CORE = "urn:ietf:params:scim:schemas:core:2.0"
USER_URI, GROUP_URI = f"{CORE}:User", f"{CORE}:Group"
ENTERPRISE_URI = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

text = Attribute
flag = partial(Attribute, type="boolean")
complex_ = partial(Attribute, type="complex")
shown = partial(Attribute, mutability="readOnly")
shown_flag = partial(flag, mutability="readOnly", required=True)
shown_number = partial(shown, type="integer")
shown_complex = partial(complex_, mutability="readOnly")


def _values(name: str, description: str, *types: str, value: Attribute | None = None) -> Attribute:
    """Describe a multi-valued attribute with the usual parts (RFC 7643 §2.4)."""
    parts = (
        value or text("value", "The value itself."),
        text("display", "The value as people read it."),
        text("type", "What the value is for.", canonical_values=types),
        flag("primary", "Whether this is the preferred value; true for one at most."),
    )
    return complex_(name, description, multi_valued=True, sub_attributes=parts)


def _link(name: str, description: str, *, types: tuple[str, ...] = ("external",), **given: Any) -> Attribute:
    return text(name, description, type="reference", case_exact=True, reference_types=types, **given)


_ID = text("id", "Given by Harbor, and never changed.", case_exact=True, mutability="readOnly", returned="always",
           uniqueness="server", required=True)  # fmt: skip

COMMON = (
    text("schemas", "The schemas that the resource has attributes of.", type="reference", multi_valued=True,
         required=True, case_exact=True, returned="always", reference_types=("uri",), mutability="readOnly"),
    _ID,
    text("externalId", "What the provisioning client calls the resource.", case_exact=True, longest=255),
    shown_complex("meta", "Facts about the resource.", sub_attributes=(
        shown("resourceType", "The kind of resource.", case_exact=True),
        shown("created", "When it was made.", type="dateTime"),
        shown("lastModified", "When it was changed last.", type="dateTime"),
        _link("location", "Where it lives.", types=("uri",), mutability="readOnly"),
        shown("version", "The entity tag of the present version.", case_exact=True),
    )),
)  # fmt: skip

_EMAIL = text(
    "value", "The address, in lower case for Harbor's own purposes.", required=True, longest=254, form="email"
)
_ADDRESS_PARTS = (
    text("formatted", "The whole address, as it is written on an envelope."),
    text("streetAddress", "Street, house number and whatever belongs to them."),
    text("locality", "City or locality."),
    text("region", "State or region."),
    text("postalCode", "Postal code."),
    text("country", "Country, ISO 3166-1 alpha-2."),
    text("type", "What the address is for.", canonical_values=("work", "home", "other")),
    flag("primary", "Whether this is the preferred address; true for one at most."),
)

USER_SCHEMA = Schema(USER_URI, "User", "A person of the organization.", (
    text("userName", "The name that the directory knows the person by; unique among the living, however capitalized.",
         required=True, uniqueness="server", longest=320),
    complex_("name", "The parts of the person's name.", sub_attributes=(
        text("formatted", "The whole name, as it is shown."),
        text("familyName", "Family name.", longest=100),
        text("givenName", "Given name.", longest=100),
        text("middleName", "Middle names."),
        text("honorificPrefix", "Titles before the name."),
        text("honorificSuffix", "What follows the name."),
    )),
    text("displayName", "The name that Harbor shows.", longest=200),
    text("nickName", "What the person is called among colleagues."),
    _link("profileUrl", "A page about the person."),
    text("title", "Job title.", longest=200),
    text("userType", "Kind of employment, such as Contractor."),
    text("preferredLanguage", "Language that the person reads, as in Accept-Language."),
    text("locale", "Language tag by which dates and numbers are written."),
    text("timezone", "IANA time zone.", longest=64, form="time zone",
         canonical_values=("Europe/Berlin", "America/New_York", "Asia/Tokyo", "UTC")),
    flag("active", "Whether the person may sign in; false suspends them at once. Without it, a new person may.",
         required=True, assumed=True),
    complex_("emails", "Addresses; the primary one, else the first, is the person's in Harbor. Without any, userName "
             "must be an address.", multi_valued=True, required=True, assumed=True, sub_attributes=(
        _EMAIL,
        text("display", "The address as people read it."),
        text("type", "What the address is for.", canonical_values=("work", "home", "other")),
        flag("primary", "Whether this is the preferred address; true for one at most."),
    )),
    _values("phoneNumbers", "Telephone numbers.", "work", "home", "mobile", "fax", "pager", "other"),
    _values("ims", "Instant messaging addresses.", "aim", "gtalk", "icq", "xmpp", "msn", "skype", "qq", "yahoo"),
    _values("photos", "Pictures of the person.", "photo", "thumbnail", value=_link("value", "Address of the picture.")),
    complex_("addresses", "Postal addresses.", multi_valued=True, sub_attributes=_ADDRESS_PARTS),
    shown_complex("groups", "The groups that the person is in; change them at /Groups.", multi_valued=True,
                  sub_attributes=(
        shown("value", "The id of the group.", case_exact=True),
        _link("$ref", "Where the group lives.", types=("Group",), mutability="readOnly"),
        shown("display", "The name of the group."),
        shown("type", "Always direct.", canonical_values=("direct",)),
    )),
    shown_complex("roles", "Keys of the person's roles in Harbor; they are given and taken in Harbor alone.",
                  multi_valued=True, sub_attributes=(shown("value", "The key of the role."),)),
    _values("x509Certificates", "Certificates, DER in base64.",
            value=text("value", "The certificate.", type="binary", case_exact=True, longest=16_000)),
))  # fmt: skip

ENTERPRISE_SCHEMA = Schema(ENTERPRISE_URI, "EnterpriseUser", "What organizations say of their people.", (
    text("employeeNumber", "Number of the person in the organization."),
    text("costCenter", "Cost center."),
    text("organization", "Organization."),
    text("division", "Division."),
    text("department", "Department.", longest=100),
    complex_("manager", "The person's manager, who is a person here too.", sub_attributes=(
        text("value", "The id of the manager.", required=True, case_exact=True, longest=40),
        _link("$ref", "Where the manager lives.", types=("User",)),
    )),
))  # fmt: skip

GROUP_SCHEMA = Schema(GROUP_URI, "Group", "People who belong together.", (
    text("displayName", "The name of the group; no two groups have the same.", required=True, uniqueness="server",
         longest=200),
    complex_("members", "The people in the group; groups hold no groups.", multi_valued=True, sub_attributes=(
        text("value", "The id of the person.", required=True, case_exact=True, mutability="immutable", longest=40),
        _link("$ref", "Where the person lives.", types=("User",), mutability="immutable"),
        text("type", "Always User.", canonical_values=("User",), mutability="immutable"),
    )),
))  # fmt: skip

_SUPPORTED = (shown_flag("supported", "Whether it is supported."),)

CONFIG_SCHEMA = Schema(f"{CORE}:ServiceProviderConfig", "ServiceProviderConfig", "What this server can do.", (
    _link("documentationUri", "Where people read about it.", mutability="readOnly"),
    shown_complex("patch", "PATCH.", required=True, sub_attributes=_SUPPORTED),
    shown_complex("bulk", "Bulk operations.", required=True, sub_attributes=(
        *_SUPPORTED,
        shown_number("maxOperations", "Most operations in one request.", required=True),
        shown_number("maxPayloadSize", "Largest body, in bytes.", required=True),
    )),
    shown_complex("filter", "Filters.", required=True, sub_attributes=(
        *_SUPPORTED,
        shown_number("maxResults", "Most resources on one page.", required=True),
    )),
    shown_complex("changePassword", "Setting passwords.", required=True, sub_attributes=_SUPPORTED),
    shown_complex("sort", "Sorting.", required=True, sub_attributes=_SUPPORTED),
    shown_complex("etag", "Entity tags.", required=True, sub_attributes=_SUPPORTED),
    shown_complex("authenticationSchemes", "How clients authenticate.", required=True, multi_valued=True,
                  sub_attributes=(
        shown("type", "The scheme.", required=True, canonical_values=("oauthbearertoken",)),
        shown("name", "Its name.", required=True),
        shown("description", "What it is.", required=True),
        _link("specUri", "Its specification.", mutability="readOnly"),
        _link("documentationUri", "Where people read about it.", mutability="readOnly"),
        shown_flag("primary", "Whether it is the preferred one."),
    )),
    shown_complex("pagination", "How lists are paged (RFC 9865).", sub_attributes=(
        shown_flag("cursor", "Whether cursors are supported."),
        shown_flag("index", "Whether startIndex is supported."),
        shown("defaultPaginationMethod", "What is used if neither is asked for.", canonical_values=("cursor", "index")),
        shown_number("defaultPageSize", "Resources on a page if nothing is asked for."),
        shown_number("maxPageSize", "Most resources on one page."),
    )),
))  # fmt: skip

RESOURCE_TYPE_SCHEMA = Schema(f"{CORE}:ResourceType", "ResourceType", "A kind of resource.", (
    shown("name", "Its name.", required=True, case_exact=True, uniqueness="server"),
    shown("description", "What it is."),
    _link("endpoint", "Where resources of the kind live, below the base address.", types=("uri",), required=True,
          mutability="readOnly", uniqueness="server"),
    _link("schema", "Its schema.", types=("uri",), required=True, mutability="readOnly"),
    shown_complex("schemaExtensions", "Schemas that it may have besides.", required=True, multi_valued=True,
                  sub_attributes=(
        _link("schema", "The extension.", types=("uri",), required=True, mutability="readOnly"),
        shown_flag("required", "Whether every resource of the kind has it."),
    )),
))  # fmt: skip


def _characteristics(*more: Attribute) -> tuple[Attribute, ...]:
    """Describe how attributes are described (RFC 7643 §7)."""
    return (
        shown("name", "Its name.", required=True, case_exact=True),
        shown("type", "Its type.", required=True, canonical_values=(
            "string", "complex", "boolean", "decimal", "integer", "dateTime", "reference", "binary")),
        shown_flag("multiValued", "Whether it holds a list."),
        shown("description", "What it says."),
        shown_flag("required", "Whether it must have a value."),
        shown("canonicalValues", "Values that are suggested.", multi_valued=True, case_exact=True),
        shown("caseExact", "Whether case matters.", type="boolean"),
        shown("mutability", "Who may write it, and when.", case_exact=True, canonical_values=(
            "readOnly", "readWrite", "immutable", "writeOnly")),
        shown("returned", "When it is returned.", case_exact=True, canonical_values=(
            "always", "never", "default", "request")),
        shown("uniqueness", "How far it is unique.", case_exact=True, canonical_values=("none", "server", "global")),
        shown("referenceTypes", "What it may refer to.", multi_valued=True, case_exact=True),
        *more,
    )  # fmt: skip


SCHEMA_SCHEMA = Schema(f"{CORE}:Schema", "Schema", "A set of attributes.", (
    shown("name", "Its name."),
    shown("description", "What it describes."),
    shown_complex("attributes", "The attributes.", required=True, multi_valued=True, sub_attributes=_characteristics(
        shown_complex("subAttributes", "The parts of a complex one.", multi_valued=True,
                      sub_attributes=_characteristics()),
    )),
))  # fmt: skip

USER = Kind("User", "/Users", "The people of the organization.", USER_SCHEMA, COMMON, (ENTERPRISE_SCHEMA,))
GROUP = Kind("Group", "/Groups", "The groups of the organization.", GROUP_SCHEMA, COMMON)

SCHEMAS = (USER_SCHEMA, ENTERPRISE_SCHEMA, GROUP_SCHEMA, CONFIG_SCHEMA, RESOURCE_TYPE_SCHEMA, SCHEMA_SCHEMA)
