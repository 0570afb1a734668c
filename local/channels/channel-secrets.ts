import { localAccount, localRegion } from "../aws/aws-call.ts";

/** The secrets of local/channels.yaml. They open nothing but the receivers of this machine. */
export const channelSecrets = {
  slack: "xoxb-local",
  "slack-signing": "signs-locally",
  teams: "https://teams.example/workflows/1?sig=local",
  jira: "bot@example.com:local",
  audit: `whsec_${Buffer.from("a secret of this machine, alone.").toString("base64")}`,
} as const;

/** Of the secret that holds them. */
export const channelSecretArn = `arn:aws:secretsmanager:${localRegion}:${localAccount}:secret:channels`;
