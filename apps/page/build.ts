// Builds the page and writes it where the gateway serves it from. It is checked in, so that a start builds nothing.
import { mkdir, writeFile } from "node:fs/promises";
import { buildPage } from "./page-build.ts";

await mkdir(new URL("built/", import.meta.url), { recursive: true });
await Promise.all(
  [...(await buildPage())].map(([name, bytes]) =>
    writeFile(new URL(`built/${name}`, import.meta.url), bytes),
  ),
);
