import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../local/aws/json-shape.ts";
import { type MadeResource, matchesArn } from "../../local/world.ts";
import { targetSecretArn } from "../end-to-end/other-targets.ts";
import { ofType, rolesOf, textsIn } from "./roles.ts";

/** What the variables of a function name, by the end of their names; whatever else they hold is a setting. */
const named: readonly (readonly [ending: RegExp, type: string, by: "ref" | "Arn"])[] = [
  [/_TABLE$/, "AWS::DynamoDB::Table", "ref"],
  [/_BUCKET$/, "AWS::S3::Bucket", "ref"],
  [/_KEY_IDS?$/, "AWS::KMS::Key", "Arn"],
  [/^STATE_MACHINE_ARN$/, "AWS::StepFunctions::StateMachine", "Arn"],
  [/^SERVING_ROLE_ARN$/, "AWS::IAM::Role", "Arn"],
  [/^EVENT_BUS_NAME$/, "AWS::Events::EventBus", "ref"],
  [/^REVIEWER_DIRECTORY$/, "AWS::Cognito::UserPool", "ref"],
  [/^MAIL_CONFIGURATION_SET$/, "AWS::SES::ConfigurationSet", "ref"],
  [/^(UNDELIVERED|RESTRICTIONS)_QUEUE_URL$/, "AWS::SQS::Queue", "ref"],
  [/_CLIENT_ID$/, "AWS::Cognito::UserPoolClient", "ref"],
];
const settings = [
  "ATTESTATION_BASE",
  "ALIAS_RETENTION_DAYS",
  "CHECKPOINT_SECONDS",
  "LOG_ORIGIN",
  "MACHINE_ISSUERS",
  "OBJECT_LOCK_MODE",
  "OIDC_ISSUER",
  "OIDC_SUBJECT_CLAIM",
  "PORTAL_URL",
  "RETENTION_DAYS",
  "SENDER_ADDRESS",
  "WATCH_SECONDS",
  "WITNESSES",
];

/** What the templates promise each other: names, variables, substitutions, permissions to be woken. */
export function describePromises(resources: () => readonly MadeResource[]): void {
  describe("what the templates promise", () => {
    it("names in every variable of a function a thing that is made", () => {
      const variables = functions().flatMap(({ logicalId, properties }) =>
        Object.entries(variablesOf(properties)).map(([name, value]) => ({ logicalId, name, value })),
      );
      expect(variables.length).toBeGreaterThan(60);
      expect(variables.filter(({ name, value }) => !isKept(name, value))).toEqual([]);
    });

    it("gives every place of the state machine's definition a function, and no value without a place", () => {
      const [machine] = ofType(resources(), "AWS::StepFunctions::StateMachine");
      const text = JSON.stringify(machine?.properties["DefinitionString"]);
      const places = new Set([...text.matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name));
      const substitutions = machine?.properties["DefinitionSubstitutions"] as JsonObject;
      expect(places.size).toBeGreaterThan(8);
      expect(new Set(Object.keys(substitutions))).toEqual(places);
      const arns = functions().map(({ attributes }) => attributes["Arn"]);
      expect(Object.values(substitutions).filter((arn) => !arns.includes(String(arn)))).toEqual([]);
    });

    it("lets each caller wake the function that it calls, and nobody else", () => {
      const permissions = ofType(resources(), "AWS::Lambda::Permission").map(({ properties }) => ({
        service: String(properties["Principal"]),
        from: String(properties["SourceArn"]),
        to: String(properties["FunctionName"]),
      }));
      const calls = [...methods(), ...rules()];
      expect(calls.length).toBeGreaterThan(10);
      const lets = (permission: (typeof permissions)[number], call: (typeof calls)[number]) =>
        permission.service === call.service && permission.to === call.to && matchesArn(permission.from, call.from);
      expect(calls.filter((call) => !permissions.some((permission) => lets(permission, call)))).toEqual([]);
      expect(permissions.filter((permission) => !calls.some((call) => lets(permission, call)))).toEqual([]);
    });

    it("gives every role to one service, and every function and machine a role of its own", () => {
      const roles = rolesOf(resources());
      const users = [
        ...functions().map(({ properties }) => ({ arn: properties["Role"], service: "lambda.amazonaws.com" })),
        ...ofType(resources(), "AWS::StepFunctions::StateMachine").map(({ properties }) => ({
          arn: properties["RoleArn"],
          service: "states.amazonaws.com",
        })),
      ];
      expect(new Set(users.map(({ arn }) => arn)).size).toBe(users.length);
      for (const { arn, service } of users) {
        expect(roles.find((role) => role.arn === arn)?.trusted, String(arn)).toEqual([service]);
      }
    });
  });

  const functions = () =>
    ofType(resources(), "AWS::Lambda::Function").filter(({ properties }) =>
      String(properties["Runtime"]).startsWith("nodejs"),
    );

  function isKept(name: string, value: unknown): boolean {
    if (settings.includes(name)) return value !== "";
    // No channel of the stories has a secret, and one target has.
    if (name === "CHANNEL_SECRET_ID") return value === "";
    if (name === "TARGET_SECRET_ID") return value === targetSecretArn;
    const promise = named.find(([ending]) => ending.test(name));
    if (promise === undefined) return false;
    const [, type, by] = promise;
    const made = ofType(resources(), type).map((each) => (by === "ref" ? each.ref : each.attributes["Arn"]));
    // A list names several, with a comma between.
    const values = name.endsWith("_IDS") ? String(value).split(",") : [value];
    return values.every((each) => made.some((one) => one === each));
  }

  /** Every method of the API, as API Gateway calls its function. */
  function methods() {
    const [api] = ofType(resources(), "AWS::ApiGateway::RestApi");
    const [stage] = ofType(resources(), "AWS::ApiGateway::Stage");
    return ofType(resources(), "AWS::ApiGateway::Method").map(({ properties }) => {
      const { HttpMethod: method, ResourceId: id, Integration: integration } = properties;
      // .../functions/<function ARN>/invocations
      const to = /functions\/(.+)\/invocations$/.exec(String((integration as JsonObject)["Uri"]))?.[1] ?? "";
      const path = pathOf(String(id)).replaceAll(/\{\w+\}/g, "p-1");
      const from = `arn:aws:execute-api:us-east-1:000000000000:${api?.ref}/${stage?.ref}/${method}${path}`;
      return { service: "apigateway.amazonaws.com", from, to };
    });
  }

  function pathOf(resourceId: string): string {
    const own = ofType(resources(), "AWS::ApiGateway::Resource").find(({ ref }) => ref === resourceId);
    if (own === undefined) return "";
    return `${pathOf(String(own.properties["ParentId"]))}/${String(own.properties["PathPart"])}`;
  }

  function rules() {
    return ofType(resources(), "AWS::Events::Rule").flatMap(({ attributes, properties }) =>
      (properties["Targets"] as readonly JsonObject[]).map((target) => ({
        service: "events.amazonaws.com",
        from: String(attributes["Arn"]),
        to: textsIn(target["Arn"]).join(),
      })),
    );
  }
}

function variablesOf(properties: JsonObject): JsonObject {
  return ((properties["Environment"] as JsonObject | undefined)?.["Variables"] ?? {}) as JsonObject;
}
