import { readFileSync } from "node:fs";
import { expect, it } from "vitest";

interface Locked {
  readonly dependencies?: object;
  readonly optionalDependencies?: object;
}
const { packages } = JSON.parse(readFileSync("package-lock.json", "utf8")) as {
  readonly packages: Readonly<Record<string, Locked>>;
};

it("package-lock.json has every package of every platform: otherwise `npm ci` refuses it in a clean clone", () => {
  const missing = Object.entries(packages).flatMap(([place, { dependencies, optionalDependencies }]) =>
    Object.keys({ ...dependencies, ...optionalDependencies })
      .filter((name) => !isInstalled(place, name))
      .map((name) => `${name}, for ${place}`),
  );
  expect(missing).toEqual([]);
});

/** Whether Node would find `name` from `place`: there, or in a node_modules further up. */
function isInstalled(place: string, name: string): boolean {
  if (packages[`${place === "" ? "" : `${place}/`}node_modules/${name}`] !== undefined) return true;
  return place !== "" && isInstalled(place.slice(0, Math.max(0, place.lastIndexOf("/node_modules/"))), name);
}
