"""The tables as the models declare them: created in a running engine, or described for CloudFormation."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from chalicelib.tables.all_tables import TTL_ATTRIBUTE
from chalicelib.tables.rows import Row
from infra.camel_case import camel_case

TAGS = ({"Key": "service", "Value": "bijuli"},)


def unprefixed_name(model: type[Row]) -> str:
    """The table's name without its prefix, whether or not the model is connected already."""
    meta: Any = model.Meta
    return str(getattr(meta, "noun", None) or meta.table_name)


def key_names(model: type[Row]) -> list[str]:
    """The attributes of the table's key: the hash key, and the range key if there is one."""
    return [str(part["AttributeName"]) for part in _ordered(model._get_schema()["key_schema"])]


def logical_id(name: str) -> str:
    """`audit_log` is `AuditLogTable` in the template."""
    return camel_case(name) + "Table"


def create_tables(models: Sequence[type[Row]], client: Any, prefix: str) -> int:
    """Create every missing table, on demand and with its time to live. Returns the number of new tables."""
    created = 0
    for model in models:
        name = prefix + unprefixed_name(model)
        with suppress(client.exceptions.ResourceInUseException):
            client.create_table(TableName=name, BillingMode="PAY_PER_REQUEST", **_keys(model))
            created += 1
            if _expires(model):
                client.update_time_to_live(TableName=name, TimeToLiveSpecification=_time_to_live())
    return created


def template_tables(models: Sequence[type[Row]], prefix: str) -> dict[str, Any]:
    """The CloudFormation resources by logical id, retained on deletion and recoverable to any second of 35 days."""
    return {logical_id(unprefixed_name(model)): _resource(model, prefix) for model in models}


def _resource(model: type[Row], prefix: str) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "TableName": prefix + unprefixed_name(model),
        "BillingMode": "PAY_PER_REQUEST",
        **_keys(model),
        "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
        "DeletionProtectionEnabled": True,
        "SSESpecification": {"SSEEnabled": True},
        "Tags": list(TAGS),
    }
    if _expires(model):
        properties["TimeToLiveSpecification"] = _time_to_live()
    return {
        "Type": "AWS::DynamoDB::Table",
        "DeletionPolicy": "Retain",
        "UpdateReplacePolicy": "Retain",
        "Properties": properties,
    }


def _expires(model: type[Row]) -> bool:
    return TTL_ATTRIBUTE in model.get_attributes()


def _time_to_live() -> dict[str, Any]:
    return {"AttributeName": TTL_ATTRIBUTE, "Enabled": True}


def _keys(model: type[Row]) -> dict[str, Any]:
    schema: Any = model._get_schema()
    kinds = {item["AttributeName"]: item["AttributeType"] for item in schema["attribute_definitions"]}
    keys: dict[str, Any] = {
        "KeySchema": _ordered(schema["key_schema"]),
        "AttributeDefinitions": [{"AttributeName": k, "AttributeType": v} for k, v in sorted(kinds.items())],
    }
    for name, kind in (
        ("GlobalSecondaryIndexes", "global_secondary_indexes"),
        ("LocalSecondaryIndexes", "local_secondary_indexes"),
    ):
        if schema[kind]:
            keys[name] = [_index(index) for index in schema[kind]]
    return keys


def _index(index: dict[str, Any]) -> dict[str, Any]:
    return {
        "IndexName": index["index_name"],
        "KeySchema": _ordered(index["key_schema"]),
        "Projection": index["projection"],
    }


def _ordered(key_schema: Sequence[Any]) -> list[dict[str, str]]:
    """The key schema with the hash key first, as DynamoDB requires."""
    return sorted(
        ({"AttributeName": item["AttributeName"], "KeyType": item["KeyType"]} for item in key_schema),
        key=lambda item: item["KeyType"],
    )
