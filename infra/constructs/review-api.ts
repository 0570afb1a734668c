import { RemovalPolicy, Size, Validations } from "aws-cdk-lib";
import {
  AccessLogFormat,
  EndpointType,
  type IModel,
  type IRestApi,
  JsonSchemaType,
  LambdaIntegration,
  LogGroupLogDestination,
  MethodLoggingLevel,
  type MethodOptions,
  RequestValidator,
  RestApi,
} from "aws-cdk-lib/aws-apigateway";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { type ILogGroupRef, LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import type { FunctionName } from "../functions.ts";
import type { CountersignFunction } from "./countersign-function.ts";
import { gatewayProblems } from "./gateway-problems.ts";

export type ApiFunctionName = Extract<FunctionName, `api/${string}`>;
type HttpMethod = "GET" | "HEAD" | "POST";

/** The one stage: part of the API's address on AWS, and unseen behind the distribution. */
export const stageName = "live";

/** Design 4, as far as a function answers. */
export const routes: readonly (readonly [method: HttpMethod, path: string, answeredBy: ApiFunctionName])[] = [
  ["POST", "/v1/promotions", "api/submit"],
  ["GET", "/v1/promotions", "api/read-promotions"],
  ["GET", "/v1/promotions/{id}", "api/read-promotions"],
  ["GET", "/v1/promotions/{id}/attestations", "api/read-promotions"],
  ["GET", "/v1/promotions/{id}/evidence/{sha256}", "api/read-promotions"],
  ["POST", "/v1/promotions/{id}/sign-offs", "api/record-sign-off"],
  ["GET", "/v1/promotions/{id}/questions", "api/ask-question"],
  ["POST", "/v1/promotions/{id}/questions", "api/ask-question"],
  ["POST", "/v1/promotions/{id}/questions/{question}/answer", "api/ask-question"],
  ["POST", "/v1/promotions/{id}/loan", "api/record-loan"],
  ["POST", "/v1/promotions/{id}/withdrawal", "api/withdraw"],
  ["POST", "/v1/passkeys", "api/record-passkey"],
  ["GET", "/v1/passkeys", "api/read-passkeys"],
  ["POST", "/v1/passkeys/{id}/confirmation", "api/record-passkey"],
  ["POST", "/v1/passkeys/{id}/revocation", "api/record-passkey"],
  ["GET", "/v1/learning", "api/read-learning"],
  ["POST", "/v1/models/{name}/drift", "api/report-drift"],
  ["GET", "/v1/policy", "api/simulate-policy"],
  ["POST", "/v1/policy/simulations", "api/simulate-policy"],
  ["POST", "/v1/policy/proposals", "api/propose-policy"],
  ["POST", "/v1/promotions/{id}/outcomes", "api/report-outcome"],
  ["POST", "/v1/delegations", "api/record-delegation"],
  ["GET", "/v1/delegations", "api/plan-absence"],
  ["POST", "/v1/delegations/{id}/revocation", "api/record-delegation"],
  ["POST", "/v1/absence", "api/plan-absence"],
  ["POST", "/v1/audit/exports", "api/export-audit"],
  ["GET", "/v1/audit/exports/{id}", "api/export-audit"],
  ["GET", "/v1/audit/checkpoint", "api/read-checkpoint"],
  ["GET", "/v1/service", "api/describe-service"],
  ["POST", "/v1/promotions/{id}/passport", "api/issue-passport"],
  ["GET", "/v1/promotions/{id}/verdict", "api/issue-passport"],
  ["POST", "/v1/promotions/{id}/deployment", "api/report-deployment"],
  ["POST", "/v1/passports/redemption", "api/redeem-passport"],
  ["GET", "/v1/passports/jwks.json", "api/redeem-passport"],
  ["GET", "/v1/passports/.well-known/openid-configuration", "api/redeem-passport"],
  ["GET", "/v1/notifications/undelivered", "api/redrive-notifications"],
  ["POST", "/v1/notifications/redrive", "api/redrive-notifications"],
  ["POST", "/v1/notifications/discard", "api/redrive-notifications"],
  ["POST", "/v1/slack/interactions", "api/answer-slack"],
  ["GET", "/r/{link}", "api/follow-link"],
  // Mail scanners look before they follow; a HEAD answers as a GET does, without the page.
  ["HEAD", "/r/{link}", "api/follow-link"],
];

/** Where another service sends a form: what it signed must arrive as it was sent, and is no JSON. */
const formRoutes: readonly string[] = ["/v1/slack/interactions"];

/** What the access log keeps of a request: the route and never the address, which may be a review link. */
const accessLog = {
  requestId: "$context.requestId",
  time: "$context.requestTimeEpoch",
  method: "$context.httpMethod",
  route: "$context.resourcePath",
  status: "$context.status",
  milliseconds: "$context.responseLatency",
  bytes: "$context.responseLength",
  error: "$context.error.responseType",
};

/**
 * The REST API. It is made without routes, because the distribution needs its id and the functions need the
 * distribution's address; `serve` adds the routes.
 */
export class ReviewApi extends Construct {
  readonly api: RestApi;

  constructor(scope: Construct, id: string, requestsPerSecond: number) {
    super(scope, id);
    const log = new LogGroup(this, "AccessLog", {
      retention: RetentionDays.ONE_YEAR,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.api = new RestApi(this, "RestApi", {
      restApiName: `${scope.node.id}-reviews`,
      description: "Countersign: promotions, sign-offs, the audit archive, review links.",
      endpointTypes: [EndpointType.REGIONAL],
      // What a reviewer is shown is 50 kB of JSON and more, an eighth of that in gzip; people read it on their way, too.
      // No secret can be guessed by its length: answers are for a bearer of a token, whom no other page can make ask.
      minCompressionSize: Size.kibibytes(1),
      cloudWatchRole: false,
      deployOptions: {
        stageName,
        throttlingRateLimit: requestsPerSecond,
        throttlingBurstLimit: 2 * requestsPerSecond,
        accessLogDestination: new LogGroupLogDestination(log as ILogGroupRef),
        accessLogFormat: AccessLogFormat.custom(JSON.stringify(accessLog)),
        // Execution logs and traces quote the path, which may be a review link.
        loggingLevel: MethodLoggingLevel.OFF,
        dataTraceEnabled: false,
        tracingEnabled: false,
        // Of the API as a whole CloudWatch has numbers anyway, and the alarms need no others; those of each route are paid by the number.
        metricsEnabled: false,
      },
    });
    gatewayProblems(this, this.api as IRestApi);
    Validations.of(this.api).acknowledge(
      {
        id: "AwsSolutions-APIG4",
        reason:
          "The functions verify the caller's token themselves: its claims are part of the record, people and machines have issuers of their own, and a review link needs no token.",
      },
      { id: "AwsSolutions-COG4", reason: "As AwsSolutions-APIG4; CI does not sign in at Cognito at all." },
      { id: "AwsSolutions-APIG6", reason: "Execution logs quote paths, and the path of a review link is a secret." },
    );
  }

  /** Adds the routes. Bodies must be JSON objects, but of forms; what is in them is checked by the function, which can say more. */
  serve(functions: Readonly<Record<ApiFunctionName, CountersignFunction>>): void {
    const body = this.api.addModel("AnyObject", {
      contentType: "application/json",
      schema: { type: JsonSchemaType.OBJECT },
    }) as IModel;
    const requestValidator = new RequestValidator(this, "Validator", {
      restApi: this.api as IRestApi,
      validateRequestBody: true,
      validateRequestParameters: true,
    });
    for (const [method, path, name] of routes) {
      const parameters = [...path.matchAll(/\{(\w+)\}/g)].map(([, parameter]) => parameter);
      const options: MethodOptions = {
        requestValidator,
        requestParameters: Object.fromEntries(
          parameters.map((parameter) => [`method.request.path.${parameter}`, true]),
        ),
        ...(method === "POST" && !formRoutes.includes(path) ? { requestModels: { "application/json": body } } : {}),
      };
      const integration = new LambdaIntegration(functions[name].lambda as IFunction, { allowTestInvoke: false });
      this.api.root.resourceForPath(path).addMethod(method, integration, options);
    }
  }
}
