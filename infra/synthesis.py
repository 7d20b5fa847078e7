"""The CloudFormation template as Chalice makes it from the app, without building the zip and without a network."""

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
    merged: dict[str, Any] = TemplateDeepMerger().merge(additions(base), base)
    return merged
