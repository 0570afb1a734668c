import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { News } from "../../local/news.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const key = (pk: string) => ({ pk: { S: pk }, sk: { S: "FACT#1" }, at: { N: "1" } });

/** Waits for news of a promotion, as it was at the beginning; says whether it is over. */
function waiting(news: News, changes = 0, milliseconds = 1_000) {
  let isOver = false;
  const end = news.beyond("PROMOTION#a", changes, milliseconds).then(() => {
    isOver = true;
  });
  return { end, isOver: () => isOver };
}

it("wakes whoever waits for it once something of it changes, all of them", async () => {
  const news = new News();
  const both = [waiting(news), waiting(news)];
  news.of(key("PROMOTION#a"));
  await Promise.all(both.map(({ end }) => end));
  expect(news.changes("PROMOTION#a")).toBe(1);
  expect(vi.getTimerCount()).toBe(0);
});

it("lets nobody wait for what has changed since they looked", async () => {
  const news = new News();
  news.of(key("PROMOTION#a"));
  await waiting(news, 0).end;
  expect(vi.getTimerCount()).toBe(0);
  waiting(news, 1);
  expect(vi.getTimerCount()).toBe(1);
});

it("wakes nobody for what changes elsewhere, and everybody once their time is over", async () => {
  const news = new News();
  const { end, isOver } = waiting(news);
  news.of(key("PROMOTION#b"));
  await vi.advanceTimersByTimeAsync(999);
  expect(isOver()).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  await end;
  expect(news.changes("PROMOTION#a")).toBe(0);
});
