"""Files on the wire."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from sandbox.http.moments import MomentField

ID = validate.Length(1, 40)
NAME = [validate.Length(1, 255), validate.Regexp(r"[^/\x00-\x1f\x7f]+\Z", error="a name without / is expected")]
FOLDER = [
    validate.Length(1, 1000),
    validate.Regexp(r"(/|(/[^/\x00-\x1f\x7f]+)+)\Z", error="a folder such as /Plans/2026 is expected"),
]
LABEL = validate.Regexp(r"[a-z0-9][a-z0-9-]{0,39}\Z", error="a slug such as confidential is expected")
TYPE = validate.Regexp(r"[a-z0-9.+-]{1,60}/[a-z0-9.+-]{1,39}\Z", error="a type such as application/pdf is expected")
SCOPE = validate.OneOf(["people", "organization", "anyone"])
SHARING = validate.OneOf(["private", "internal", "external", "public"])
FEW = validate.Length(max=10)
SIZE = validate.Range(0, 2**40)


class FileSchema(Schema):
    """A file: everything but its content."""

    id = fields.String(required=True, metadata={"example": "fil_01k3m4xq8e0v9s6t2c7d5a1b3f"})
    name = fields.String(required=True, metadata={"example": "Torque plan 12.docx"})
    folder = fields.String(required=True, metadata={"example": "/Plans/2026"})
    path = fields.String(
        required=True, metadata={"description": "Folder and name.", "example": "/Plans/2026/Torque plan 12.docx"}
    )
    project_id = fields.String(required=True, allow_none=True, metadata={"description": "null: in no project."})
    owner_id = fields.String(required=True, metadata={"example": "usr_01k3m4xq8e0v9s6t2c7d5a1b3f"})
    size = fields.Integer(required=True, metadata={"description": "Bytes.", "example": 48211})
    type = fields.String(required=True, metadata={"description": "Media type.", "example": "application/pdf"})
    status = fields.String(required=True, metadata={"description": "active, or trashed.", "example": "active"})
    sharing = fields.String(
        required=True,
        metadata={
            "description": "The widest share that holds now: private (none but those of its project), internal, "
            "external (somebody of another organization), public (anyone who has the link).",
            "example": "internal",
        },
    )
    labels = fields.List(fields.String(), required=True, metadata={"example": ["confidential"]})
    created_at = MomentField(required=True)
    updated_at = MomentField(required=True, metadata={"description": "Last change of the file or its shares."})
    deleted_at = MomentField(
        required=True, allow_none=True, metadata={"description": "When it was put into the trash."}
    )


class FileFilters(Schema):
    """What files can be searched by. Those in the trash come only when asked for."""

    name = fields.String(validate=NAME, metadata={"description": "Exactly this name."})
    folder = fields.String(validate=FOLDER, metadata={"description": "In this folder, not below it."})
    project_id = fields.String(validate=ID)
    owner_id = fields.String(validate=ID)
    type = fields.String(validate=TYPE)
    label = fields.String(validate=LABEL, metadata={"description": "Has this label."})
    sharing = fields.String(validate=SHARING)
    status = fields.String(validate=validate.OneOf(["active", "trashed"]))
    updated_since = MomentField(metadata={"description": "Changed at or after this moment."})
    include = fields.String(
        validate=validate.OneOf(["trashed"]), metadata={"description": "`trashed`: those in the trash too."}
    )


class FileChangeSchema(Schema):
    """What can be changed about a file."""

    name = fields.String(validate=NAME, metadata={"example": "Torque plan 13.docx"})
    folder = fields.String(validate=FOLDER, metadata={"example": "/Plans/2026"})
    labels = fields.List(fields.String(validate=LABEL), validate=FEW)


class NewFileSchema(Schema):
    """A file to be kept: what is told about its content, not the content itself."""

    name = fields.String(required=True, validate=NAME, metadata={"example": "Torque plan 12.docx"})
    folder = fields.String(load_default="/", validate=FOLDER, metadata={"example": "/Plans/2026"})
    project_id = fields.String(load_default=None, allow_none=True, validate=ID)
    owner_id = fields.String(
        load_default=None,
        allow_none=True,
        validate=ID,
        metadata={"description": "Only administrators name somebody else; a client that acts for itself must."},
    )
    size = fields.Integer(load_default=0, strict=True, validate=SIZE)
    type = fields.String(load_default="application/octet-stream", validate=TYPE)
    labels = fields.List(fields.String(validate=LABEL), load_default=list, validate=FEW)


class ShareSchema(Schema):
    """One way in which a file is shared."""

    id = fields.String(required=True, metadata={"example": "shr_01k3m4xq8e0v9s6t2c7d5a1b3f"})
    file_id = fields.String(required=True)
    scope = fields.String(
        required=True, metadata={"description": "people (one mailbox), organization, anyone.", "example": "people"}
    )
    recipient = fields.String(
        required=True, allow_none=True, metadata={"description": "Of people.", "example": "office@ondine.example"}
    )
    reach = fields.String(
        required=True, metadata={"description": "internal, external or public.", "example": "external"}
    )
    url = fields.String(required=True, allow_none=True, metadata={"description": "Of anyone: it needs no sign-in."})
    created_at = MomentField(required=True)
    created_by = fields.String(required=True, allow_none=True, metadata={"description": "The person; null: a client."})
    expires_at = MomentField(required=True, allow_none=True, metadata={"description": "null: until it is ended."})


class NewShareSchema(Schema):
    """With whom a file is to be shared."""

    scope = fields.String(
        load_default=None,
        allow_none=True,
        validate=SCOPE,
        metadata={"description": "Left out: what the setting `data.default_link_scope` says.", "example": "people"},
    )
    recipient = fields.Email(
        load_default=None,
        allow_none=True,
        validate=validate.Length(max=254),
        metadata={"description": "The mailbox, for scope people.", "example": "office@ondine.example"},
    )
    expires_at = MomentField(
        load_default=None, allow_none=True, metadata={"description": "In the future; settings may bound it."}
    )


class EndedShareSchema(Schema):
    """Which shares are to end; without a field, all of them."""

    share_id = fields.String(load_default=None, allow_none=True, validate=ID)
    scope = fields.String(load_default=None, allow_none=True, validate=SCOPE, metadata={"example": "anyone"})
