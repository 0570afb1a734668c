import type { AwsCallLog, LocalService } from "./aws/aws-call.ts";
import {
  type QueryAnswer,
  type QueryCall,
  queryRefusal,
  queryResult,
  startQueryService,
} from "./aws/query-protocol.ts";

/** A role of another account, and whom its trust policy lets in. */
export interface TrustingRole {
  readonly arn: string;
  readonly externalId: string;
  /** Access key id of its sessions: who calls then, in the call log. */
  readonly principal: string;
}

const fields =
  /^(Action|Version|RoleArn|RoleSessionName|ExternalId|DurationSeconds|Policy|Tags\.member\.\d+\.(Key|Value)|TransitiveTagKeys\.member\.\d+)$/;

/**
 * STS on loopback: AssumeRole of the roles that are given, and nothing else.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
 */
export function startSts(options: {
  readonly roles: readonly TrustingRole[];
  readonly log: AwsCallLog;
  readonly port?: number;
  readonly now?: () => number;
}): Promise<LocalService> {
  const { roles, log, now = Date.now } = options;
  return startQueryService({
    port: options.port,
    fields: (action) => (action === "AssumeRole" ? fields : undefined),
    answer,
  });

  function answer({ principal, form }: QueryCall): QueryAnswer {
    const [arn, session, externalId] = [text("RoleArn"), text("RoleSessionName"), text("ExternalId")];
    const role = roles.find((each) => each.arn === arn && each.externalId === externalId);
    const status = role === undefined ? 403 : 200;
    const tags = tagsIn(form);
    const context = { "sts:ExternalId": externalId, "sts:RoleSessionName": session, ...tags };
    const at = new Date(now()).toISOString();
    log.record({ at, principal, action: "sts:AssumeRole", resource: arn, context, status });
    // What tags a session asks for the right to do that beside the right to be let in.
    if (Object.keys(tags).length > 0)
      log.record({ at, principal, action: "sts:TagSession", resource: arn, context: tags, status });
    if (role === undefined)
      return queryRefusal(403, "AccessDenied", `${principal} is not authorized to perform: sts:AssumeRole on ${arn}`);
    const Expiration = new Date(now() + 1000 * Number(form.get("DurationSeconds") ?? 3600)).toISOString();
    return queryResult("AssumeRole", {
      Credentials: { AccessKeyId: role.principal, SecretAccessKey: "unused", SessionToken: session, Expiration },
      AssumedRoleUser: {
        AssumedRoleId: `AROA:${session}`,
        Arn: `${arn.replace(":role/", ":assumed-role/")}/${session}`,
      },
    });

    function text(field: string): string {
      return form.get(field) ?? "";
    }
  }
}

/** The tags of the session, as conditions name them. */
function tagsIn(form: URLSearchParams): Readonly<Record<string, string>> {
  const tags: Record<string, string> = {};
  for (let at = 1; form.has(`Tags.member.${at}.Key`); at += 1)
    tags[`aws:RequestTag/${form.get(`Tags.member.${at}.Key`)}`] = form.get(`Tags.member.${at}.Value`) ?? "";
  return tags;
}
