// Builds the page and writes it where the gateway serves it from. It is checked in, so that a start builds nothing.
import { mkdir, writeFile } from "node:fs/promises";
import { buildPage } from "./page-build.ts";

await mkdir(new URL("built/", import.meta.url), { recursive: true });
for (const [name, bytes] of await buildPage()) {
  await writeFile(new URL(`built/${name}`, import.meta.url), bytes);
}
