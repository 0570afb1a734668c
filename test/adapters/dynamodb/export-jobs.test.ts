import { describe, expect, it } from "vitest";
import { startedExport } from "../../../core/archive/export/export-job.ts";
import { askedExport } from "../../core/archive/export/asked-export.ts";
import { now } from "../../core/promotion/promotion-in-review.ts";
import { open } from "./tables.ts";

describe("exports", () => {
  it("come back as they were written, once for each id, and are moved by one of two who move them at once", async () => {
    const { exports } = await open();
    expect(await exports.load(askedExport.id)).toBeUndefined();
    await exports.create(askedExport);
    await expect(exports.create(askedExport)).rejects.toThrow("an export's id is taken");
    expect(await exports.load(askedExport.id)).toEqual(askedExport);
    const next = startedExport(askedExport, now) ?? askedExport;
    const outcomes = await Promise.all([exports.move(next), exports.move(next)]);
    expect(outcomes.toSorted()).toEqual(["lost", "moved"]);
    expect(await exports.load(askedExport.id)).toEqual(next);
  });
});
