import { CapabilitySet, matchCapability } from "@sigilrt/capability";
import { test } from "vitest";

const thousand = Array.from({ length: 1000 }, (_, number) => `tool.plugin-${number}.*`);
const hostile = Array.from(
  { length: 256 },
  (_, number) => `${"*.a.a.a.a.a.a.".repeat(8)}n${number}`,
);
const small = CapabilitySet.from(thousand.slice(0, 10));
const large = CapabilitySet.from(thousand);
const worst = CapabilitySet.from(hostile);
const longest = Array<string>(256).fill("a").join(".");

test("ask one pattern and sets", async ({ bench }) => {
  await bench("one pattern", () => {
    matchCapability("tool.plugin-7.*", "tool.plugin-7.search");
  }).run();
  await bench("10 patterns", () => {
    small.contains("tool.plugin-7.search");
  }).run();
  await bench("1,000 patterns", () => {
    large.contains("tool.plugin-7.search");
  }).run();
  await bench("the worst legal set", () => {
    worst.contains(longest);
  }).run();
});
