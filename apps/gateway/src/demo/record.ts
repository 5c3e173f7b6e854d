// Plays the demonstration of the README and draws it anew: node --conditions=@sigilrt/source apps/gateway/src/demo/record.ts
import { writeFile } from "node:fs/promises";
import { play } from "./play.ts";
import { terminalSvg } from "./terminal-svg.ts";

const drawn = terminalSvg("A rug pull, seen and refused", await play("rug-pull"));
await writeFile(new URL("../../demo/rug-pull.svg", import.meta.url), drawn);
