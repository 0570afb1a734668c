"""freeze.json of docs/format.md: the one thing that everybody signs has its members, and no other."""

from encoding import read_canonical, require
from forms import AUTHOR, DIGEST, By, Only, at_most, count, misfit, number, slug, true

text = at_most(2000)


def one_of(*words):
    return lambda value: isinstance(value, str) and value in words


def zero(value):
    return type(value) is int and value == 0


IDENTITY = Only(issuer=text, subject=text)
STEP = Only(kind=text, percent=count, waitSeconds=count)
SHIFTED = {"all-at-once": Only(kind=text, waitSeconds=count), "canary": STEP, "linear": STEP}
AT_ONCE = {"all-at-once": Only(kind=text, waitSeconds=zero)}
OWN = Only({"kind": text, "errorPercent?": number, "p95Milliseconds?": count})
ALARMS = By("kind", {"named": Only(kind=text, names=[text]), "own": OWN})
DEMANDS = {"infrastructure?": one_of("applied")}
ACCOUNT = {"role": text, "externalId": text}
HOSTED = {
    "name": text, "kind": text, "endpoint": text, **DEMANDS, "alarms?": ALARMS, "registry?": text, "account?": Only({**ACCOUNT, "servingRole": text}),
}
KUBERNETES = Only({
    **dict.fromkeys(("name", "kind", "endpoint", "cluster", "namespace", "container", "fetcher", "readinessPath"), text), **DEMANDS,
    "workload": one_of("deployment", "inference-service", "rollout"), "port": count, "account?": Only(ACCOUNT), "serviceAccount?": text, "unpack?": true,
    "application?": Only({"name": text, "namespace": text, "source?": text}), "preSync?": text, "told?": DIGEST,
    "metrics?": Only({"namespace": text, "service": text, "port": count, "requests": text, "errors": text, "p95Seconds?": text}),
    "mirror?": Only({"route": text, "service": text, "captures?": one_of("data-capture")}),
    "traffic?": By("kind", SHIFTED), "alarms?": By("kind", {"own": OWN}),
})
COMPONENT = Only({
    **HOSTED, "host": text, "copies": count,
    "resources": Only({"memoryMegabytes": count, "mostMemoryMegabytes?": count, "cpuCores?": number, "accelerators?": count}),
    "handling?": Only({
        "downloadSeconds?": count, "startSeconds?": count, "caching?": true, "placement?": one_of("spread", "pack"), "zoneImbalance?": count,
    }),
    "traffic": By("kind", {**AT_ONCE, "rolling": Only(kind=text, copies=count, of=count, waitSeconds=count)}),
    "watchSeconds?": count, "network?": one_of("open"),
})
ASYNCHRONOUS = Only({
    "output": text, "failures?": text, "key?": text, "concurrency?": count,
    "topics?": Only({"success?": text, "error?": text, "withAnswer?": [one_of("success", "error")]}),
})
INSTANCES = Only({
    **HOSTED, "instanceType": text, "instanceCount": count, "asynchronous?": ASYNCHRONOUS, "traffic?": By("kind", SHIFTED),
    "network?": one_of("open"),
})
SERVERLESS = Only({
    **HOSTED, "serverless": Only(memoryMegabytes=count, maxConcurrency=count), "traffic": By("kind", AT_ONCE), "watchSeconds?": count,
    "network": one_of("open"),
})
TARGET = By("kind", {
    "sagemaker-endpoint": lambda value: misfit(value, SERVERLESS if "serverless" in value else INSTANCES) is None,
    "sagemaker-inference-component": COMPONENT, "kubernetes": KUBERNETES,
    "policy": Only(name=one_of("policies"), kind=text, endpoint=one_of("in-force")),
    "pipeline": Only({"name": text, "kind": text, "endpoint": text, **DEMANDS, "audiences": [text], "withinSeconds": count}),
    "webhook": Only({"name": text, "kind": text, "endpoint": text, **DEMANDS, "url": text, "secret": text, "withinSeconds": count}),
})
FILE = {"name": text, "mediaType": text, "size": count, "sha256": DIGEST}
ROLES = ("model", "environment", "training-data", "infrastructure", "policy")
KINDS = (
    "model-quality", "bias", "explainability", "data-schema", "toxicity", "security-scan", "shadow-run", "iac-plan", "unit-tests", "data-validation",
    "model-card", "drift", "policy-check",
)
MANIFEST = Only({
    "manifestVersion": lambda value: type(value) is int and value == 1, "model": Only(name=slug, type=slug, version=text), "target": TARGET,
    "artifacts": [Only(role=one_of(*ROLES), **FILE)], "evidence": [Only(kind=one_of(*KINDS), format=text, **FILE)], "requester": IDENTITY,
    "lineage": Only({
        **dict.fromkeys(("trainedBy", "codeAuthors", "dataOwners", "infrastructureAuthors"), [AUTHOR]),
        "source?": Only(repository=text, commit=text),
    }),
    "classification?": Only({"riskTier?": text, "dataClass?": text}),
})


def read_freeze(data):
    manifest = read_canonical(data)
    place = misfit(manifest, MANIFEST)
    require(place is None, f"freeze.json is not of the form that is known here ({place})")
    for files, first in (("artifacts", "role"), ("evidence", "kind")):
        order = [(each[first].encode("utf-16-be", "surrogatepass"), each["name"].encode("utf-16-be", "surrogatepass")) for each in manifest[files]]
        require(order == sorted(order), f"freeze.json does not have its {files} in their order")
    return manifest
