// A host of its own that is killed while its plugin runs.
import { createProcessHost, unconfinedRunner } from "../index.ts";
import { fixtureSpec } from "./process-fixture.ts";

const host = createProcessHost({ runner: unconfinedRunner(), security: { mtls: "off" } });
await host.start("stubborn", fixtureSpec("stubborn", process.argv[2] ?? ""));
process.stdout.write("ready\n");
