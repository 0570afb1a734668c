import { AccountPrincipal, PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { Bucket } from "aws-cdk-lib/aws-s3";

/**
 * Lets SageMaker in other accounts leave what it captures of runs in shadow there: each account below its own number, where
 * it can forge nothing of another's. Which of its roles may is for that account to say.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
 */
export function takeCapturesOf(bucket: Bucket, accounts: readonly string[]): void {
  if (accounts.length === 0) return;
  bucket.addToResourcePolicy(
    new PolicyStatement({
      principals: accounts.map((account) => new AccountPrincipal(account)),
      actions: ["s3:PutObject"],
      // biome-ignore lint/suspicious/noTemplateCurlyInString: IAM puts it in, by who asks.
      resources: [bucket.arnForObjects("shadow/accounts/${aws:PrincipalAccount}/*")],
    }),
  );
}
