import { expectReadmeExample } from "@sigilrt/testing/example";
import { it } from "vitest";

it("runs the example of the README", async () => {
  await expectReadmeExample(new URL("pack-and-inspect.ts", import.meta.url), [
    "tree1-sha256:ace94ea97aef82893119d98f6830ea33fe6283d7e7ef9b91f60cb28cc3431bd0",
    "index.js, plugin.yaml",
    "a2098bd92b10bf8b816d24b7556b1ce8c49a879d130489065ef1051c17e042f6  index.js",
    "e725ef49d4fed5bbaa11e1f7597eb15ea02c62db608b6956d22aabe752fd3a61  plugin.yaml",
    "Cannot accept bundle: 0 bytes after the end record and 256 bytes of comment; pack the tree again with: sigil bundle pack <folder> --out <file>",
  ]);
});
