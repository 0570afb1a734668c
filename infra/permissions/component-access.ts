import type { Construct } from "constructs";
import { promotionNames, sagemaker } from "./deployment-access.ts";
import type { Grant } from "./grant.ts";

const components = "Targets, and so the components' names, are policy (policies/targets.yaml), not infrastructure.";

/** Reading the inference components of targets, ours and what others made of them. */
export function describeComponents(scope: Construct): Grant {
  return {
    actions: ["sagemaker:DescribeInferenceComponent"],
    resources: [sagemaker(scope, "inference-component", "*")],
    wildcard: components,
  };
}

/**
 * Letting an inference component serve. Only of one that is made IAM knows of which model; an update may name any, so that
 * it is a promotion's own is for the function to see to.
 */
export function serveComponents(scope: Construct): readonly Grant[] {
  return [
    {
      actions: ["sagemaker:CreateInferenceComponent"],
      resources: [sagemaker(scope, "inference-component", "*"), sagemaker(scope, "endpoint", "*")],
      wildcard: components,
      conditions: { ArnLike: { "sagemaker:ModelArn": sagemaker(scope, "model", promotionNames) } },
    },
    updateComponents(scope),
  ];
}

/** Going back to the model before, whoever made it, and removing a component that came with a first release. */
export function goBackInComponents(scope: Construct): readonly Grant[] {
  return [
    {
      actions: ["sagemaker:CreateInferenceComponent"],
      resources: [sagemaker(scope, "inference-component", "*"), sagemaker(scope, "endpoint", "*")],
      wildcard: components,
    },
    updateComponents(scope),
    removeComponents(scope),
  ];
}

/** Taking one out of service. */
export function removeComponents(scope: Construct): Grant {
  return {
    actions: ["sagemaker:DeleteInferenceComponent"],
    resources: [sagemaker(scope, "inference-component", "*")],
    wildcard: components,
  };
}

function updateComponents(scope: Construct): Grant {
  return {
    actions: ["sagemaker:UpdateInferenceComponent"],
    resources: [sagemaker(scope, "inference-component", "*")],
    wildcard: components,
  };
}

/** What else is on the endpoints of components: the call knows no resource. */
export const listComponents: Grant = {
  actions: ["sagemaker:ListInferenceComponents"],
  resources: ["*"],
  wildcard: "SageMaker lists the components of an endpoint, and knows no permission for fewer.",
};
