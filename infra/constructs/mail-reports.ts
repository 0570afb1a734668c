import { EventBus } from "aws-cdk-lib/aws-events";
import { ConfigurationSet, EmailSendingEvent, EventDestination } from "aws-cdk-lib/aws-ses";
import { Construct } from "constructs";
import type { CountersignFunction } from "./countersign-function.ts";
import { EventListener } from "./event-listener.ts";

/** What SES calls the reports that are recorded: https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-ses.html */
const reports = ["Email Delivered", "Email Bounced", "Email Complaint Received", "Email Rejected"];

/** How letters are sent, so that SES reports on the account's own event bus what became of them. */
export class MailReports extends Construct {
  /** Name of the configuration set that letters are sent with. */
  readonly configurationSet: string;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const letters = new ConfigurationSet(this, "Letters");
    this.configurationSet = letters.configurationSetName;
    letters.addEventDestination("Bus", {
      // SES knows no other bus than this one.
      destination: EventDestination.eventBus(EventBus.fromEventBusName(this, "Default", "default")),
      events: [
        EmailSendingEvent.DELIVERY,
        EmailSendingEvent.BOUNCE,
        EmailSendingEvent.COMPLAINT,
        EmailSendingEvent.REJECT,
      ],
    });
  }

  /** Lets a function hear the reports about letters of this deployment, and of no other sender in the account. */
  tell(listener: CountersignFunction): EventListener {
    return new EventListener(this, "Reports").tell(listener, {
      pattern: {
        source: ["aws.ses"],
        detailType: reports,
        detail: { mail: { tags: { "ses:configuration-set": [this.configurationSet] } } },
      },
    });
  }
}
