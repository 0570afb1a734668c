import * as v from "valibot";

// What each kind of setting in the context looks like. A message follows "The context setting '…' cannot be used: ".

export const flag = v.union(
  [
    v.boolean(),
    v.pipe(
      v.picklist(["true", "false"]),
      v.transform((text) => text === "true"),
    ),
  ],
  "must be true or false",
);
export const oneOf = <const Words extends readonly [string, string]>(words: Words) =>
  v.picklist(words, `must be ${words.join(" or ")}`);
export const wholeNumber = (least: number, most: number) =>
  v.pipe(
    v.unknown(),
    v.transform(Number),
    v.check(
      (number) => Number.isInteger(number) && number >= least && number <= most,
      `must be a whole number from ${least} to ${most}`,
    ),
  );
// Functions are told the keys of two roles in variables, which have 4 KB together: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
export const count = wholeNumber(1, 16);
export const listOf = (item: RegExp, message: string) =>
  v.pipe(
    v.string(),
    v.transform((text) => text.split(/[\s,]+/).filter((each) => each !== "")),
    v.array(v.pipe(v.string(), v.regex(item, message))),
    v.minLength(1, message),
  );
// The log's first entry says it for good, and tokens are held against it: https://openid.net/specs/openid-connect-core-1_0.html#IDToken
export const issuerUrl = v.pipe(
  v.string(),
  v.regex(
    /^(?!.*\/\.well-known\/)https:\/\/[^\s/?#]+(?:\/[^\s?#]*)?$/,
    "must be the 'iss' of its ID tokens: an https:// address without a query, and without /.well-known/",
  ),
);
// A shell whose variable is not set gives an empty one.
export const clientId = v.pipe(
  v.string(),
  v.regex(/^\S(?:.*\S)?$/, "must be the client's id, without blanks before or behind it"),
);
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-configure.html: a hundred years at most.
export const days = wholeNumber(1, 36_500);
// The account's own bound: https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
export const requests = wholeNumber(10, 10_000);
// https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-assign-domain-prefix.html
export const loginPrefix = v.pipe(
  v.string(),
  v.regex(
    /^(?!.*(?:aws|amazon|cognito))[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/,
    "must be small letters, digits and hyphens, without 'aws', 'amazon' and 'cognito'",
  ),
);
export const domainName = v.pipe(
  v.string(),
  v.regex(
    /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/,
    "must be a domain in small letters, without https://",
  ),
);
// CloudFront takes those of this one region: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cnames-and-https-requirements.html
export const certificateArn = v.pipe(
  v.string(),
  v.regex(/^arn:[a-z-]+:acm:us-east-1:[0-9]{12}:certificate\/[\w-]+$/, "must be the ARN of a certificate in us-east-1"),
);
// Roles are allowed exactly this one; without the end that Secrets Manager gives it, they would be allowed none.
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/troubleshoot.html#ARN_secretnamehyphen
export const secretArn = v.pipe(
  v.string(),
  v.regex(
    /^arn:[a-z-]+:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:\S+-[A-Za-z0-9]{6}$/,
    "must be a secret's whole ARN, with the hyphen and six characters at its end",
  ),
);
export const roleArn = /^arn:aws[a-z-]*:iam::[0-9]{12}:role\/[\w+=.@/-]+$/;
/** Like `s3://bucket/prefix`: all below it. A bucket as a whole is none, since what else lies there is nobody's here. */
export const prefixes = listOf(
  /^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](?:\/[\w!.'()-]+)+$/,
  "must be places in S3, s3://bucket/prefix, without a slash at the end",
);
export const topicArns = listOf(/^arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[\w.-]+$/, "must be ARNs of SNS topics");
export const keyArns = listOf(
  /^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key\/[\w-]+$/,
  "must be ARNs of KMS keys, and of no alias",
);
