import { localAccount, localRegion } from "../aws/aws-call.ts";
import type { JsonObject } from "../aws/json-shape.ts";
import type { ServiceEvent } from "../eventbridge/eventbridge.ts";

/** A letter, as far as reports about it tell. */
export interface ReportedMail {
  readonly id: string;
  /** RFC 3339. */
  readonly at: string;
  readonly source: string;
  readonly recipients: readonly string[];
  readonly configurationSet: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** Types of events as `MatchingEventTypes` of an event destination names them. */
export type ReportType = "DELIVERY" | "BOUNCE" | "COMPLAINT";

const detailTypes: Readonly<Record<ReportType, string>> = {
  DELIVERY: "Email Delivered",
  BOUNCE: "Email Bounced",
  COMPLAINT: "Email Complaint Received",
};

/**
 * What SES tells of a letter: that it was delivered, unless its recipient is one of SES's own mailbox simulator, whose
 * letters come back or are complained about as on AWS.
 * https://docs.aws.amazon.com/ses/latest/dg/send-an-email-from-console.html
 * https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html
 */
export function reportsOf(mail: ReportedMail): readonly (ServiceEvent & { readonly type: ReportType })[] {
  return mail.recipients.flatMap((recipient) => {
    const at = mail.at;
    const bounced = {
      bounceType: "Permanent",
      bounceSubType: "General",
      bouncedRecipients: [
        { emailAddress: recipient, action: "failed", status: "5.1.1", diagnosticCode: "smtp; 550 5.1.1 user unknown" },
      ],
      timestamp: at,
      feedbackId: mail.id,
      reportingMTA: "dsn; localhost",
    };
    const delivered = {
      timestamp: at,
      processingTimeMillis: 1,
      recipients: [recipient],
      smtpResponse: "250 2.0.0 OK",
      reportingMTA: "localhost",
    };
    const complained = {
      complainedRecipients: [{ emailAddress: recipient }],
      timestamp: at,
      feedbackId: mail.id,
      complaintFeedbackType: "abuse",
      userAgent: "Amazon SES Mailbox Simulator",
      arrivalDate: at,
    };
    switch (simulated(recipient)) {
      case "bounce":
        return [reportOf(mail, "BOUNCE", { eventType: "Bounce", bounce: bounced })];
      case "complaint":
        return [
          reportOf(mail, "DELIVERY", { eventType: "Delivery", delivery: delivered }),
          reportOf(mail, "COMPLAINT", { eventType: "Complaint", complaint: complained }),
        ];
      default:
        return [reportOf(mail, "DELIVERY", { eventType: "Delivery", delivery: delivered })];
    }
  });
}

/** `bounce` of `bounce+label@simulator.amazonses.com`. */
function simulated(recipient: string): string | undefined {
  return /^([a-z]+)(?:\+[^@]*)?@simulator\.amazonses\.com$/i.exec(recipient)?.[1]?.toLowerCase();
}

function reportOf(
  mail: ReportedMail,
  type: ReportType,
  what: JsonObject,
): ServiceEvent & { readonly type: ReportType } {
  const { id: messageId, at: timestamp, source, recipients, configurationSet } = mail;
  const tags = Object.fromEntries(Object.entries(mail.tags).map(([name, value]) => [name, [value]]));
  return {
    type,
    source: "aws.ses",
    detailType: detailTypes[type],
    resources: [`arn:aws:ses:${localRegion}:${localAccount}:configuration-set/${configurationSet}`],
    detail: {
      ...what,
      mail: {
        timestamp,
        source,
        sendingAccountId: localAccount,
        messageId,
        destination: [...recipients],
        headersTruncated: false,
        tags: { "ses:configuration-set": [configurationSet], ...tags },
      },
    },
  };
}
