import { localAccount, localRegion } from "../aws/aws-call.ts";
import { isList, isRecord, type JsonObject } from "../aws/json-shape.ts";
import { arnOf } from "./input.ts";

/** One thing that IAM would judge: action, resource and condition keys. */
export interface Judged {
  readonly action: string;
  readonly resource: string;
  readonly context: Readonly<Record<string, string>>;
}

/**
 * What IAM judges for one control call, after the service authorization reference for SageMaker
 * (https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html): handing over a
 * role is judged as `iam:PassRole`, tags at creation as `sagemaker:AddTags`, an endpoint also by its configuration.
 * `scalable`: those of the endpoint's variants that scale, which are deregistered with it.
 */
export function judgedCalls(operation: string, body: JsonObject, scalable: readonly string[] = []): readonly Judged[] {
  const action = `sagemaker:${operation}`;
  const one = (resource: string, context: Readonly<Record<string, string>> = {}): Judged => ({
    action,
    resource,
    context,
  });
  const model = arnOf("model", nameIn(body, "ModelName"));
  const config = arnOf("endpoint-config", nameIn(body, "EndpointConfigName"));
  const endpoint = arnOf("endpoint", nameIn(body, "EndpointName"));
  const component = arnOf("inference-component", nameIn(body, "InferenceComponentName"));
  switch (operation) {
    case "CreateModel":
      return [
        one(model, { "sagemaker:NetworkIsolation": String(body["EnableNetworkIsolation"] === true) }),
        {
          action: "iam:PassRole",
          resource: nameIn(body, "ExecutionRoleArn"),
          context: { "iam:PassedToService": "sagemaker.amazonaws.com" },
        },
        ...tagging(body, model),
      ];
    case "DescribeModel":
    case "DeleteModel":
      return [one(model)];
    case "CreateEndpointConfig":
      return [one(config, variantKeys(body)), ...tagging(body, config)];
    case "DescribeEndpointConfig":
    case "DeleteEndpointConfig":
      return [one(config)];
    case "CreateEndpoint":
      return [one(endpoint), one(config), ...tagging(body, endpoint)];
    case "UpdateEndpoint":
      return [one(endpoint), one(config)];
    case "DeleteEndpoint":
      return [one(endpoint), ...scalable.map((name) => scaling("DeregisterScalableTarget", name))];
    case "RegisterScalableTarget":
    case "DeregisterScalableTarget":
      return [scaling(operation, nameIn(body, "ResourceId"))];
    case "DescribeEndpoint":
    case "UpdateEndpointWeightsAndCapacities":
      return [one(endpoint)];
    case "CreateInferenceComponent": {
      const spec = body["Specification"];
      const runs = isRecord(spec) ? arnOf("model", nameIn(spec, "ModelName")) : "";
      return [one(component, { "sagemaker:ModelArn": runs }), one(endpoint, { "sagemaker:ModelArn": runs })];
    }
    case "UpdateInferenceComponent":
    case "DescribeInferenceComponent":
    case "DeleteInferenceComponent":
      return [one(component)];
    case "DescribeModelPackage":
      return [one(nameIn(body, "ModelPackageName"))];
    case "UpdateModelPackage":
      return [
        one(nameIn(body, "ModelPackageArn"), { "sagemaker:ModelApprovalStatus": nameIn(body, "ModelApprovalStatus") }),
      ];
    default:
      // The List operations know no resource.
      return [one("*")];
  }
}

/**
 * https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-delete-with-scaling.html: asked of whoever removes an endpoint that
 * somebody else gave auto scaling. AWS names such a target by an id of its own.
 */
function scaling(operation: string, name: string): Judged {
  return {
    action: `application-autoscaling:${operation}`,
    resource: `arn:aws:application-autoscaling:${localRegion}:${localAccount}:scalable-target/${name.replaceAll("/", "-")}`,
    context: { "application-autoscaling:service-namespace": "sagemaker" },
  };
}

function nameIn(body: JsonObject, member: string): string {
  const name = body[member];
  return typeof name === "string" ? name : "";
}

function tagging(body: JsonObject, resource: string): readonly Judged[] {
  const tags = body["Tags"];
  return isList(tags) && tags.length > 0 ? [{ action: "sagemaker:AddTags", resource, context: {} }] : [];
}

function variantKeys(body: JsonObject): Readonly<Record<string, string>> {
  const variants = body["ProductionVariants"];
  const variant = isList(variants) ? variants[0] : undefined;
  if (!isRecord(variant)) return {};
  return {
    "sagemaker:InstanceTypes": nameIn(variant, "InstanceType"),
    "sagemaker:ModelArn": arnOf("model", nameIn(variant, "ModelName")),
  };
}
