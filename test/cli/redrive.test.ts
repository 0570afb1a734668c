import { describe, expect, it } from "vitest";
import { redriveCommand } from "../../cli/commands/redrive.ts";
import { instantFromMs } from "../../core/encoding/instant.ts";
import { id, now } from "../core/promotion/promotion-in-review.ts";
import { recordedSurroundings, run } from "./recorded-surroundings.ts";
import { browserOf, freePort, identityProvider, samHimself } from "./signed-in-person.ts";
import { type StubAnswer, stubService } from "./stub-service.ts";

async function scene(answers: {
  readonly list?: object;
  readonly discarded?: object;
  readonly rounds?: readonly object[];
  readonly refusal?: StubAnswer;
}) {
  const { settings } = await identityProvider();
  const rounds = [...(answers.rounds ?? [])];
  const service = await stubService({
    "GET /v1/service": { body: settings },
    "GET /v1/notifications/undelivered": answers.refusal ?? { body: answers.list },
    "POST /v1/notifications/discard": answers.refusal ?? { body: answers.discarded },
    "POST /v1/notifications/redrive": () => answers.refusal ?? { body: rounds.shift() },
  });
  const start = instantFromMs(Date.now());
  const world = recordedSurroundings({ start, openBrowser: browserOf(samHimself).open });
  const common = ["--url", service.url, "--port", await freePort(), "--open"];
  const posted = () => service.requests.filter(({ method }) => method === "POST");
  return { start, world, posted, redrive: (...more: string[]) => run(redriveCommand(world), ...common, ...more) };
}
const redriven = (count: number) => Array(count).fill({ promotion: id, fact: `${id}/3`, type: "stage-opened" });

describe("redrive", () => {
  it("goes on until nothing is left that had failed before it began", async () => {
    const { start, world, posted, redrive } = await scene({
      rounds: [
        { redriven: redriven(2), more: true },
        { redriven: redriven(1), more: false },
      ],
    });
    expect(await redrive()).toBeUndefined();
    expect(world.printed).toEqual(Array(3).fill(`${id}  stage-opened`));
    expect(posted().map(({ body }) => body)).toEqual([{ before: start }, { before: start }]);
    expect(world.noted.at(-1)).toContain("What fails again is listed by --list");
  });

  it("says that everything could be told", async () => {
    const { world, redrive } = await scene({ rounds: [{ redriven: [], more: false }] });
    await redrive();
    expect([world.printed, world.noted.at(-1)]).toEqual([[], "Everything could be told."]);
  });

  it("--list --json prints what the service says, for a program", async () => {
    const said = { undelivered: [], unreadable: [], more: false };
    const { world, redrive } = await scene({ list: said });
    await redrive("--list", "--json");
    expect(world.printed.map((line) => JSON.parse(line))).toEqual([said]);
  });

  it("--list shows whom and why, whatever a name holds, and sends nothing", async () => {
    const untold = [
      { name: "Cora\u001b[2J", channel: "email", purpose: "asked", state: "refused", code: "Throttling" },
      { name: "Sam", channel: "reviews", purpose: "asked", state: "in-doubt" },
    ];
    const item = { message: "m-1", since: now, promotion: id, fact: `${id}/3`, type: "stage-opened", untold };
    const { world, posted, redrive } = await scene({
      list: { undelivered: [item], unreadable: [{ message: "m-2", since: now }], more: true },
    });
    await redrive("--list");
    expect(world.printed).toEqual([
      `2026-11-23 12:00:00 UTC  ${id}  stage-opened  m-1`,
      "  Cora [2J, by email: refused: Throttling",
      "  Sam, by reviews: in doubt: ask them",
      "2026-11-23 12:00:00 UTC  not Countersign's  m-2",
    ]);
    expect(world.noted.at(-1)).toBe("There may be more than these.");
    expect(posted()).toEqual([]);
  });

  it("--discard gives one up, with the reason, and says what", async () => {
    const discarded = { message: "m-1", promotion: id, fact: `${id}/3`, type: "stage-opened" };
    const { world, posted, redrive } = await scene({ discarded: { discarded } });
    expect(await redrive("--discard", "m-1", "--reason", "The room is gone.")).toBeUndefined();
    expect(posted().map(({ path, body }) => [path, body])).toEqual([
      ["/v1/notifications/discard", { message: "m-1", reason: "The room is gone." }],
    ]);
    expect(world.printed).toEqual([`${id}  stage-opened`]);
    expect(await redrive("--discard", "m-1")).toContain("with --discard and --reason together");
    expect(posted()).toHaveLength(1);
  });

  it("says who may", async () => {
    const refusal = {
      status: 403,
      type: "application/problem+json",
      body: { code: "forbidden", detail: "For operators." },
    };
    const { redrive } = await scene({ refusal });
    expect(await redrive()).toBe("For operators. (forbidden)");
  });
});
