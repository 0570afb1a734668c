import { CfnCondition, CfnParameter, type CfnParameterProps, Fn, type Stack } from "aws-cdk-lib";

/** Settings that differ between deployments without changing the template's shape. */
export class ServiceParameters {
  readonly machineIssuers: string;
  readonly senderAddress: string;
  readonly attestationBase: string;
  readonly logOrigin: string;
  readonly watchSeconds: string;
  readonly checkpointSeconds: string;
  readonly witnesses: string;
  readonly #stack: Stack;
  readonly #portalUrl: string;

  /** Parameters are children of the stack itself, so that their names are the ones that are documented. */
  constructor(stack: Stack) {
    this.#stack = stack;
    const text = (name: string, props: CfnParameterProps): string =>
      new CfnParameter(stack, name, { type: "String", ...props }).valueAsString;
    this.#portalUrl = text("PortalUrl", {
      default: "",
      description:
        "Where reviewers reach the portal, without a slash at the end. Empty: the distribution's own domain.",
      allowedPattern: "|https?://[^/]+",
    });
    this.machineIssuers = text("MachineIssuers", {
      default: "[]",
      description: 'JSON: the CI systems whose tokens are taken, [{"name","issuer","audience","jwksUri"}].',
    });
    this.senderAddress = text("SenderAddress", {
      description: "The address that letters to reviewers come from; SES must have verified it or its domain.",
      allowedPattern: "[^@\\s]+@[^@\\s]+",
    });
    this.attestationBase = text("AttestationBase", {
      default: "https://countersign.example",
      description:
        "Begins the type names of what is signed: the organisation's own domain, without a slash at the end.",
      allowedPattern: "https://[^\\s]*[^/\\s]",
    });
    this.logOrigin = text("LogOrigin", {
      default: "countersign.example/ledger",
      description: "The checkpoints' origin line: names the ledger, and must never change while it lives.",
      allowedPattern: "[^\\s+]+",
    });
    this.witnesses = text("Witnesses", {
      default: "[]",
      description: 'JSON: witnesses that cosign checkpoints, [{"url","key"}]: submission prefix and verifier key.',
    });
    this.watchSeconds = text("WatchSeconds", {
      default: "30",
      description: "Seconds between two looks at an endpoint that is on its way.",
      allowedPattern: "[1-9][0-9]{0,3}",
    });
    this.checkpointSeconds = text("CheckpointSeconds", {
      default: "300",
      description: "A checkpoint of the ledger that is older is signed again, within a minute.",
      allowedPattern: "[1-9][0-9]{0,4}",
    });
  }

  /** The portal's address: the parameter, or `otherwise` where it is empty. */
  portalUrlOr(otherwise: string): string {
    const given = new CfnCondition(this.#stack, "PortalUrlGiven", {
      expression: Fn.conditionNot(Fn.conditionEquals(this.#portalUrl, "")),
    });
    return Fn.conditionIf(given.logicalId, this.#portalUrl, otherwise).toString();
  }
}
