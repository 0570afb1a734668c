import type { DescribedPolicy } from "../../../core/policy/describe-policy.ts";
import { instantText } from "../audit/search-query.ts";

/** What was filled in; empty where nothing was. */
export interface SimulationFields {
  /** The rule's number. */
  readonly rule: string;
  readonly model: string;
  readonly release: "first" | "update";
  readonly riskTier: string;
  readonly dataClass: string;
  readonly trainedBy: string;
  readonly approve: string;
  readonly reject: string;
  /** In the reader's zone. */
  readonly at: string;
}

/** The form as it stands at first: about the first rule. */
export function nothingFilledIn({ rules }: DescribedPolicy): SimulationFields {
  const [first] = rules;
  return {
    rule: String(first?.number ?? ""),
    model: first?.modelType ?? "",
    release: "update",
    riskTier: "",
    dataClass: "",
    trainedBy: "",
    approve: "",
    reject: "",
    at: "",
  };
}

/** The body of `POST /v1/policy/simulations` for what was filled in. */
export function simulationBody(fields: SimulationFields, { rules }: DescribedPolicy): unknown {
  const rule = rules.find(({ number }) => String(number) === fields.rule);
  const at = instantText(fields.at);
  const classification = {
    ...(fields.riskTier === "" ? {} : { riskTier: fields.riskTier }),
    ...(fields.dataClass === "" ? {} : { dataClass: fields.dataClass }),
  };
  return {
    request: {
      model: { name: fields.model.trim(), type: rule?.modelType ?? "" },
      target: rule?.target ?? "",
      lineage: { trainedBy: words(fields.trainedBy).map((address) => ({ address })) },
      ...(Object.keys(classification).length === 0 ? {} : { classification }),
    },
    release: fields.release,
    decisions: [
      ...words(fields.approve).map((person) => ({ person, result: "approve" })),
      ...words(fields.reject).map((person) => ({ person, result: "reject" })),
    ],
    ...(at === "" ? {} : { at }),
  };
}

function words(text: string): readonly string[] {
  return text
    .split(",")
    .map((word) => word.trim())
    .filter((word) => word !== "");
}
