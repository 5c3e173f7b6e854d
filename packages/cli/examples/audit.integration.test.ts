import { expectReadmeExample } from "@sigilrt/testing/example";
import { expect, it } from "vitest";

it("runs the example of the README", async () => {
  const line = (pattern: RegExp): string => expect.stringMatching(pattern);
  await expectReadmeExample(new URL("audit.ts", import.meta.url), [
    line(
      /^\S+Z {2}allowed {2}tool\.notes\.add {2}by ada@home {2}decision audit-000001-[0-9a-f]{24}$/u,
    ),
    "0",
    line(/^verifies: 2 records, each bound to the one before; head sha256:[0-9a-f]{64}$/u),
    line(/^anchored: a checkpoint kept elsewhere vouches for the first 2; the last 0 have/u),
    "0",
  ]);
});
