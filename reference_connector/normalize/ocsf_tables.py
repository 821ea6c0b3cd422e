"""Tables of OCSF 1.8.0, to be read through `ocsf`: `name` is a string, `name:type` another type, `[]` a list of it.

A type is a primitive, an object of OBJECTS or an enumeration of ENUMERATIONS, whose words count from 0 unless they bring
their number; 99 is Other everywhere. Facts from the published schema (ocsf/ocsf-schema, Apache-2.0).
"""

from __future__ import annotations

from typing import NotRequired, TypedDict

CATEGORIES = {3: "Identity & Access Management", 5: "Discovery", 6: "Application Activity"}

ENUMERATIONS = {
    "account_switch_type": "Unknown, Substitute User, Impersonate",
    "action": "Unknown, Allowed, Denied, Observed, Modified",
    "auth_factor_type": "Unknown, SMS, Security Question, Phone Call, Biometric, Push Notification, Hardware Token, OTP, "
    "Email, U2F, WebAuthn, Password",
    "auth_protocol": "Unknown, NTLM, Kerberos, Digest, OpenID, SAML, OAUTH 2.0, PAP, CHAP, EAP, RADIUS, "
    "Basic Authentication, LDAP",
    "confidence": "Unknown, Low, Medium, High",
    "confidentiality": "Unknown, Not Confidential, Confidential, Secret, Top Secret, Private, Restricted",
    "endpoint_type": "Unknown, Server, Desktop, Laptop, Tablet, Mobile, Virtual, IOT, Browser, Firewall, Switch, Hub, "
    "Router, IDS, IPS, Load Balancer",
    "file_type": "Unknown, Regular File, Folder, Character Device, Block Device, Local Socket, Named Pipe, "
    "Symbolic Link, Executable File",
    "logon_type": "Unknown, System, Interactive, Network, Batch, OS Service, 7=Unlock, 8=Network Cleartext, "
    "9=New Credentials, 10=Remote Interactive, 11=Cached Interactive, 12=Cached Remote Interactive, 13=Cached Unlock",
    "managed_entity_type": "Unknown, Device, User, Group, Organization, Policy, Email, Network Zone",
    "resource_role": "Unknown, Target, Actor, Affected, Related",
    "risk_level": "Info, Low, Medium, High, Critical",
    "severity": "Unknown, Informational, Low, Medium, High, Critical, Fatal",
    "share_type": "Unknown, File, Pipe, Print",
    "status": "Unknown, Success, Failure",
    "user_type": "Unknown, User, Admin, System, Service",
}


class ShapeTable(TypedDict):
    """Attributes, those required, and those of which one is required; names are separated by spaces."""

    attributes: str
    required: NotRequired[str]
    at_least_one: NotRequired[str]


# Number, caption, activities, shape.
ClassTable = tuple[int, str, str, ShapeTable]

EVERY_CLASS: ShapeTable = {
    "attributes": (
        "activity_id:integer activity_name category_uid:integer category_name class_uid:integer class_name "
        "type_uid:integer type_name time:timestamp metadata:metadata severity_id:severity severity status_id:status "
        "status status_code status_detail message count:integer duration:integer start_time:timestamp "
        "end_time:timestamp timezone_offset:integer observables:observable[] unmapped:json raw_data "
        "raw_data_size:integer actor:actor api:api policy:policy authorizations:authorization[] action_id:action action "
        "confidence_id:confidence confidence confidence_score:integer risk_level_id:risk_level risk_level "
        "risk_score:integer risk_details is_alert:boolean"
    ),
    "required": "activity_id category_uid class_uid metadata severity_id time type_uid",
}

CLASSES: dict[str, ClassTable] = {
    "account_change": (
        3001,
        "Account Change",
        "Unknown, Create, Enable, Password Change, Password Reset, Disable, Delete, Attach Policy, Detach Policy, Lock, "
        "MFA Factor Enable, MFA Factor Disable, Unlock",
        {
            "attributes": (
                "user:user user_result:user auth_factors:auth_factor[] policies:policy[] http_request:http_request "
                "http_response:http_response src_endpoint:network_endpoint"
            ),
            "required": "user",
        },
    ),
    "authentication": (
        3002,
        "Authentication",
        "Unknown, Logon, Logoff, Authentication Ticket, Service Ticket Request, Service Ticket Renew, Preauth, "
        "Account Switch",
        {
            "attributes": (
                "user:user service:service dst_endpoint:network_endpoint session:session is_mfa:boolean "
                "auth_factors:auth_factor[] auth_protocol_id:auth_protocol auth_protocol "
                "authentication_token:authentication_token account_switch_type_id:account_switch_type "
                "account_switch_type logon_type_id:logon_type logon_type is_cleartext:boolean is_new_logon:boolean "
                "is_remote:boolean http_request:http_request http_response:http_response src_endpoint:network_endpoint"
            ),
            "required": "user",
            "at_least_one": "service dst_endpoint",
        },
    ),
    "entity_management": (
        3004,
        "Entity Management",
        "Unknown, Create, Read, Update, Delete, Move, Enroll, Unenroll, Enable, Disable, Activate, Deactivate, Suspend, "
        "Resume",
        {
            "attributes": (
                "entity:managed_entity entity_result:managed_entity comment access_list:string[] access_mask:integer "
                "http_request:http_request http_response:http_response src_endpoint:network_endpoint"
            ),
            "required": "entity",
        },
    ),
    "user_access": (
        3005,
        "User Access Management",
        "Unknown, Assign Privileges, Revoke Privileges",
        {
            "attributes": (
                "user:user privileges:string[] resource:resource_details resources:resource_details[] "
                "http_request:http_request http_response:http_response src_endpoint:network_endpoint"
            ),
            "required": "user privileges",
        },
    ),
    "group_management": (
        3006,
        "Group Management",
        "Unknown, Assign Privileges, Revoke Privileges, Add User, Remove User, Delete, Create, Add Subgroup, "
        "Remove Subgroup",
        {
            "attributes": (
                "group:group subgroup:group user:user privileges:string[] resource:resource_details "
                "http_request:http_request http_response:http_response src_endpoint:network_endpoint"
            ),
            "required": "group",
        },
    ),
    "user_inventory": (
        5003,
        "User Inventory Info",
        "Unknown, Log, Collect",
        {"attributes": "user:user", "required": "user"},
    ),
    "web_resources_activity": (
        6001,
        "Web Resources Activity",
        "Unknown, Create, Read, Update, Delete, Search, Import, Export, Share",
        {
            "attributes": (
                "web_resources:web_resource[] web_resources_result:web_resource[] http_request:http_request "
                "http_response:http_response src_endpoint:network_endpoint dst_endpoint:network_endpoint"
            ),
            "required": "web_resources",
        },
    ),
    "api_activity": (
        6003,
        "API Activity",
        "Unknown, Create, Read, Update, Delete",
        {
            "attributes": (
                "resources:resource_details[] http_request:http_request http_response:http_response "
                "src_endpoint:network_endpoint dst_endpoint:network_endpoint"
            ),
            "required": "actor api src_endpoint",
        },
    ),
    "file_hosting": (
        6006,
        "File Hosting Activity",
        "Unknown, Upload, Download, Update, Delete, Rename, Copy, Move, Restore, Preview, Lock, Unlock, Share, Unshare, "
        "Open, Sync, Unsync, Access Check",
        {
            "attributes": (
                "file:file file_result:file share share_type_id:share_type share_type expiration_time:timestamp "
                "access_list:string[] access_mask:integer access_result:json http_request:http_request "
                "http_response:http_response src_endpoint:network_endpoint dst_endpoint:network_endpoint"
            ),
            "required": "actor file src_endpoint",
        },
    ),
}

OBJECTS: dict[str, ShapeTable] = {
    "account": {
        "attributes": (
            "name uid type labels:string[] is_disabled:boolean is_locked:boolean is_on_premises_sync_enabled:boolean "
            "tags:key_value_object[]"
        ),
        "at_least_one": "name uid",
    },
    "actor": {
        "attributes": "user:user session:session app_name app_uid invoked_by idp:idp authorizations:authorization[]",
        "at_least_one": "user invoked_by session app_name app_uid",
    },
    "api": {
        "attributes": "operation version service:service group:group request:request response:response token:token",
        "required": "operation",
    },
    "auth_factor": {
        "attributes": (
            "factor_type_id:auth_factor_type factor_type email_addr phone_number provider is_hotp:boolean "
            "is_totp:boolean security_questions:string[]"
        ),
        "required": "factor_type_id",
    },
    "authentication_token": {
        "attributes": (
            "uid name type tenant_uid zone kerberos_flags is_renewable:boolean created_time:timestamp "
            "expiration_time:timestamp modified_time:timestamp"
        ),
    },
    "authorization": {"attributes": "decision policy:policy"},
    "autonomous_system": {"attributes": "name number:integer", "at_least_one": "number name"},
    "feature": {"attributes": "name uid version", "at_least_one": "name uid"},
    "file": {
        "attributes": (
            "name type_id:file_type type uid path parent_folder ext mime_type uri url:url version desc size:integer "
            "confidentiality_id:confidentiality confidentiality owner:user creator:user modifier:user accessor:user "
            "created_time:timestamp modified_time:timestamp accessed_time:timestamp is_deleted:boolean "
            "is_encrypted:boolean is_public:boolean is_readonly:boolean is_system:boolean storage_class "
            "tags:key_value_object[]"
        ),
        "required": "name type_id",
    },
    "group": {"attributes": "name uid uid_alt type desc domain privileges:string[]", "at_least_one": "name uid"},
    "http_header": {"attributes": "name value", "required": "name value"},
    "http_request": {
        "attributes": (
            "http_method url:url user_agent uid referrer version args body_length:integer length:integer "
            "http_headers:http_header[] x_forwarded_for:ip[]"
        ),
    },
    "http_response": {
        "attributes": (
            "code:integer message status content_type body_length:integer length:integer latency:integer "
            "http_headers:http_header[]"
        ),
        "required": "code",
    },
    "idp": {
        "attributes": (
            "name uid issuer domain protocol_name tenant_uid url_string state has_mfa:boolean auth_factors:auth_factor[]"
        ),
        "at_least_one": "name uid",
    },
    "key_value_object": {
        "attributes": "name value values:string[]",
        "required": "name",
        "at_least_one": "value values",
    },
    "ldap_person": {
        "attributes": (
            "display_name given_name surname employee_uid job_title department cost_center office_location phone_number "
            "ldap_cn ldap_dn email_addrs:string[] labels:string[] manager:user location:location "
            "created_time:timestamp modified_time:timestamp deleted_time:timestamp hire_time:timestamp "
            "leave_time:timestamp last_login_time:timestamp tags:key_value_object[]"
        ),
    },
    "location": {
        "attributes": (
            "country region city postal_code continent desc isp provider lat:number long:number coordinates:number[] "
            "geohash is_on_premises:boolean"
        ),
        "at_least_one": "city country postal_code region",
    },
    "managed_entity": {
        "attributes": (
            "name uid type_id:managed_entity_type type version data:json user:user group:group org:organization "
            "policy:policy location:location"
        ),
        "at_least_one": "name uid group org policy user",
    },
    "metadata": {
        "attributes": (
            "product:product version uid event_code correlation_uid original_event_uid original_time tenant_uid type "
            "source log_name log_provider log_source log_format log_level log_version sequence:integer "
            "logged_time:timestamp modified_time:timestamp processed_time:timestamp transmit_time:timestamp "
            "is_truncated:boolean untruncated_size:integer labels:string[] profiles:string[] tags:key_value_object[]"
        ),
        "required": "product version",
    },
    "network_endpoint": {
        "attributes": (
            "ip:ip port:integer hostname name uid domain svc_name type_id:endpoint_type type location:location "
            "autonomous_system:autonomous_system isp isp_org intermediate_ips:ip[] owner:user zone mac subnet_uid "
            "vlan_uid vpc_uid instance_uid interface_name interface_uid"
        ),
        "at_least_one": "ip uid name hostname svc_name instance_uid interface_uid interface_name domain",
    },
    "observable": {"attributes": "name type type_id:integer value event_uid type_uid:integer", "required": "type_id"},
    "organization": {"attributes": "name uid ou_name ou_uid", "at_least_one": "name uid"},
    "policy": {
        "attributes": "name uid type desc version data:json group:group is_applied:boolean",
        "at_least_one": "name type uid",
    },
    "product": {
        "attributes": "name vendor_name version uid feature:feature lang path cpe_name url_string",
        "at_least_one": "name uid",
    },
    "programmatic_credential": {"attributes": "uid type last_used_time:timestamp", "required": "uid"},
    "request": {"attributes": "uid data:json flags:string[]", "required": "uid"},
    "resource_details": {
        "attributes": (
            "name uid uid_alt type version hostname ip:ip role_id:resource_role role owner:user group:group namespace "
            "provider region zone cloud_partition criticality data:json labels:string[] tags:key_value_object[] "
            "is_backed_up:boolean created_time:timestamp modified_time:timestamp"
        ),
        "at_least_one": "name uid",
    },
    "response": {"attributes": "code:integer message error error_message data:json flags:string[]"},
    "service": {
        "attributes": "name uid version labels:string[] tags:key_value_object[]",
        "at_least_one": "name uid",
    },
    "session": {
        "attributes": (
            "uid uid_alt uuid issuer credential_uid created_time:timestamp expiration_time:timestamp expiration_reason "
            "count:integer is_mfa:boolean is_remote:boolean is_vpn:boolean terminal"
        ),
    },
    "token": {
        "attributes": (
            "uid name type tenant_uid zone is_renewable:boolean created_time:timestamp expiration_time:timestamp "
            "modified_time:timestamp"
        ),
    },
    "url": {
        "attributes": (
            "url_string scheme hostname domain subdomain port:integer path query_string resource_type "
            "categories:string[]"
        ),
        "at_least_one": "url_string path",
    },
    "user": {
        "attributes": (
            "uid name uid_alt type_id:user_type type email_addr full_name display_name domain phone_number forward_addr "
            "credential_uid has_mfa:boolean account:account groups:group[] org:organization ldap_person:ldap_person "
            "programmatic_credentials:programmatic_credential[] risk_level_id:risk_level risk_level risk_score:integer"
        ),
        "at_least_one": "account name uid",
    },
    "web_resource": {
        "attributes": (
            "name uid uid_alt type desc url_string data:json labels:string[] tags:key_value_object[] "
            "created_time:timestamp modified_time:timestamp"
        ),
        "at_least_one": "name uid",
    },
}
