import { buildPage } from "@sigilrt/page/build";
import { expect, it } from "vitest";
import { readPageFiles } from "./page-files.ts";

const remedy = "the page is stale; run: npm run build:page";

it("serves the page that its sources give", async () => {
  const built = await buildPage();
  const served = await readPageFiles();
  expect([...served.values()].length).toBe(built.size);
  for (const [name, bytes] of built) {
    const file = served.get(name === "page.html" ? "/" : `/${name}`);
    expect(file && Buffer.from(bytes).equals(file.bytes) ? "fresh" : remedy).toBe("fresh");
  }
});
