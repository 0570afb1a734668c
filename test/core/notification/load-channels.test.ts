import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { jira } from "../../../adapters/jira/jira.ts";
import { slack } from "../../../adapters/slack/slack.ts";
import { teams } from "../../../adapters/teams/teams.ts";
import { webhook } from "../../../adapters/webhooks/webhook.ts";
import { describeProblems } from "../../../core/encoding/policy-file.ts";
import type { ChannelKind } from "../../../core/notification/channel.ts";
import { type ChannelRule, loadChannels } from "../../../core/notification/load-channels.ts";
import { purposes } from "../../../core/promotion/notification.ts";

const nobody = async () => {
  throw new Error("Nothing is sent while a file is read.");
};
const letters: ChannelKind = {
  name: "email",
  form: "letter",
  settings: {},
  secret: false,
  audience: () => "person",
  open: () => ({ post: nobody }),
};
const kinds = [letters, slack(nobody), teams(nobody), jira(nobody), webhook(nobody, () => 0)];

function load(channels: string) {
  return loadChannels(`channelsVersion: 1\nchannels:\n${channels}`, kinds, ["sre", "compliance-officer"]);
}

/** The one channel that a file says. */
function loaded(channels: string): ChannelRule {
  const read = load(channels);
  const [rule] = read.kind === "loaded" ? read.value : [];
  if (rule === undefined) throw new Error("The file was refused.");
  return rule;
}

function problems(channels: string): string {
  const loaded = load(channels);
  return loaded.kind === "refused" ? describeProblems("channels.yaml", loaded.problems) : "";
}

describe("policies/channels.yaml", () => {
  it("as it is shipped, writes letters to everybody about everything", () => {
    const read = loadChannels(readFileSync("policies/channels.yaml", "utf8"), kinds, []);
    expect(read).toMatchObject({ kind: "loaded", value: [{ name: "email", settings: {} }] });
  });

  it("says for each channel how it reaches whom about what", () => {
    const read = load(`
  - { name: mail, kind: email, purposes: [asked, told], people: [Cora@Example.org] }
  - { name: reviews, kind: slack, room: C0123456789, secret: slack, roles: [sre] }
  - { name: ops, kind: teams, secret: teams-ops }
  - { name: issues, kind: jira, site: "https://example.atlassian.net", project: MODEL, issueType: Task, done: Done, secret: jira }
  - { name: audit, kind: webhook, url: "https://hooks.example.org/in", secret: audit }`);
    expect(read).toMatchObject({
      kind: "loaded",
      value: [
        { name: "mail", purposes: ["asked", "told"], people: ["cora@example.org"] },
        { name: "reviews", settings: { room: "C0123456789" }, secret: "slack", roles: ["sre"] },
        { name: "ops", secret: "teams-ops" },
        { name: "issues", settings: { project: "MODEL", done: "Done" } },
        { name: "audit", settings: { url: "https://hooks.example.org/in" } },
      ],
    });
  });

  it("is about everything, to everybody and without a secret unless it says so", () => {
    const { purposes: about, ...rule } = loaded("  - { name: mail, kind: email }");
    expect(rule).toEqual({ name: "mail", kind: letters, settings: {} });
    expect(about).toEqual(purposes);
  });

  it("takes people by their addresses, however they are written, each once", () => {
    const people = (written: string) => problems(`  - { name: m, kind: email, people: [${written}] }`);
    expect(loaded("  - { name: m, kind: email, people: [' A@b.example ', c@d.example] }").people).toEqual([
      "a@b.example",
      "c@d.example",
    ]);
    expect(people("a@b.example, A@b.example")).toContain("'a@b.example' stands here twice");
    for (const written of ["a b@c.example", "a@b c.example", "a@b@c", "@b", "a@"])
      expect(people(`"${written}"`)).toContain("This must be an email address");
  });

  it("is refused in another version, and where it is no list", () => {
    const refusal = (text: string) => {
      const read = loadChannels(text, kinds, []);
      return read.kind === "refused" ? describeProblems("channels.yaml", read.problems) : "";
    };
    expect(refusal("channelsVersion: 2\nchannels: [{ name: m, kind: email }]")).toBe(
      "channels.yaml:1: channelsVersion: The one version known here is 1.",
    );
    expect(refusal("channelsVersion: 1")).toBe("channels.yaml:1: The field 'channels' is missing.");
    expect(refusal("channels: [{ name: m, kind: email }]")).toBe(
      "channels.yaml:1: The field 'channelsVersion' is missing.",
    );
  });

  it.each([
    [
      "a kind that nobody knows",
      "  - { name: fax, kind: fax }",
      "one of 'email', 'slack', 'teams', 'jira' and 'webhook'",
    ],
    ["no secret where one is needed", "  - { name: ops, kind: teams }", "'secret' is missing"],
    ["a secret where none is used", "  - { name: mail, kind: email, secret: x }", "'secret' is not a field here"],
    ["an address without TLS", '  - { name: a, kind: webhook, secret: a, url: "http://x.example" }', "https://"],
    [
      "a role that the matrix does not have",
      "  - { name: m, kind: email, roles: [cfo] }",
      "'sre' and 'compliance-officer'",
    ],
    ["a purpose that nobody knows", "  - { name: m, kind: email, purposes: [advert] }", "one of 'asked'"],
    ["people for a room", "  - { name: t, kind: teams, secret: t, people: [a@b.example] }", "cannot choose people"],
    ["somebody who is no address", "  - { name: m, kind: email, people: [Cora] }", "This must be an email address"],
    ["a room by its name", '  - { name: s, kind: slack, secret: s, room: "#reviews" }', "the id of a Slack channel"],
    ["one name twice", "  - { name: m, kind: email }\n  - { name: m, kind: email }", "'m' stands here twice"],
  ])("refuses %s, with the line", (_, text, sentence) => {
    expect(problems(text)).toMatch(/^channels\.yaml:[23]: /);
    expect(problems(text)).toContain(sentence);
  });
});
