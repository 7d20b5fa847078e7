"""The CloudFormation template as Chalice makes it from the app, without building the zip and without a network."""

import json
import os
from pathlib import Path
from typing import Any

from chalice.cli.factory import CLIFactory
from chalice.deploy.appgraph import ApplicationGraphBuilder, DependencyBuilder
from chalice.deploy.deployer import BuildStage, DeploymentPackager, create_build_stage
from chalice.deploy.swagger import CFNSwaggerGenerator
from chalice.package import ResourceBuilder, SAMTemplateGenerator, TemplateDeepMerger
from chalice.utils import UI, OSUtils

from infra.template import FUNCTION, additions

ROOT = Path(__file__).parents[1]
STAGE = "prod"
REGION = "ap-south-1"
CODE = "./deployment.zip"
API = "AWS::Serverless::Api"
INTEGRATION = "x-amazon-apigateway-integration"
READ_BY_A_PROXY = frozenset({"type", "httpMethod", "uri", "contentHandling"})


def base_template() -> dict[str, Any]:
    """The template of `chalice package` without a merge template."""
    os.environ.setdefault("AWS_DEFAULT_REGION", REGION)
    factory = CLIFactory(str(ROOT), environ=dict(os.environ))
    config = factory.create_config_obj(STAGE)
    whole = create_build_stage(OSUtils(), UI(), CFNSwaggerGenerator(), config)
    stage = BuildStage([step for step in whole._steps if not isinstance(step, DeploymentPackager)])
    builder = ResourceBuilder(ApplicationGraphBuilder(), DependencyBuilder(), stage)
    resources = builder.construct_resources(config, STAGE)
    template: dict[str, Any] = SAMTemplateGenerator(config, factory.create_package_options()).generate(resources)
    for resource in template["Resources"].values():
        if resource["Type"] == FUNCTION:
            resource["Properties"]["CodeUri"] = CODE
    return template


def whole_template() -> dict[str, Any]:
    """The deployed template: Chalice's, with ours merged in by Chalice's own rules."""
    base = base_template()
    return slimmed(TemplateDeepMerger().merge(additions(base), base))


def slimmed(template: dict[str, Any]) -> dict[str, Any]:
    """The template without what a proxy integration does not read: half of what Chalice writes for each operation.

    What is left of an operation is what SAM itself writes for one.
    """
    for resource in template["Resources"].values():
        if resource["Type"] == API:
            for operations in resource["Properties"]["DefinitionBody"]["paths"].values():
                for method, operation in operations.items():
                    operations[method] = _slim_operation(operation)
    return template


def _slim_operation(operation: dict[str, Any]) -> dict[str, Any]:
    integration = {name: value for name, value in operation[INTEGRATION].items() if name in READ_BY_A_PROXY}
    kept = {name: value for name, value in operation.items() if name == "parameters"}
    return {**kept, "responses": {}, INTEGRATION: integration}


def as_text(template: dict[str, Any]) -> str:
    """The template as it is deployed. CloudFormation counts its bytes."""
    return json.dumps(template, separators=(",", ":"))
