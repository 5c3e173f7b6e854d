import { describeWith } from "@sigilrt/testing";
import { describeSandbox } from "./conformance/describe-sandbox.ts";
import { openConfined, plugin } from "./testing/confined.ts";

const isRoot = process.getuid?.() === 0;

describeWith(["bwrap", "prlimit"], isRoot ? "as root with runAs" : "as an ordinary user", () => {
  describeSandbox("createSandbox", async () => {
    const confined = await openConfined();
    return {
      sandbox: confined.sandbox,
      folder: await confined.addOpenFolder("suite"),
      ...(isRoot ? { owner: plugin } : {}),
      [Symbol.asyncDispose]: () => confined[Symbol.asyncDispose](),
    };
  });
});
