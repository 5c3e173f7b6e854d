import { chmod, mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import {
  compilePolicy,
  createSandbox,
  diagnoseSandbox,
  type SandboxOptions,
} from "@sigilrt/sandbox";

// A folder that an ordinary user can search, since plugins never run as root.
const root = await mkdtemp(join(await realpath(tmpdir()), "contain-"));
await chmod(root, 0o711);
const code = join(root, "plugin");
const notes = join(root, "notes");
await mkdir(code, { mode: 0o755 });
await mkdir(notes, { mode: 0o755 });
await writeFile(join(notes, "today.txt"), "buy bread\n");
await writeFile(join(root, "secret.txt"), "nobody should read this\n");

// The plugin tries to read what was granted and what was not.
await writeFile(
  join(code, "main.mjs"),
  `import { readFile } from "node:fs/promises";
for (const path of process.argv.slice(2)) {
  const found = await readFile(path, "utf8").catch((error) => error.code);
  console.log(path.split("/").at(-1), found.trim());
}
`,
);

const options: SandboxOptions = {
  runtimeDirectory: join(root, "run"),
  onViolation: async ({ kind, detail }) => console.error("stopped:", kind, detail),
  // As root an unprivileged identity must be named; as a user the plugin runs as that user.
  ...(process.getuid?.() === 0 ? { runAs: { uid: 65534, gid: 65534 } } : {}),
};
const report = await diagnoseSandbox(options);
if (report.usable) {
  const sandbox = await createSandbox(options);
  const policy = compilePolicy({
    plugin: "notes",
    grants: [`filesystem.read.${notes}/*`],
    code,
    command: ["node", "/plugin/main.mjs", join(notes, "today.txt"), join(root, "secret.txt")],
    limits: {
      memoryBytes: 268_435_456,
      pids: 32,
      cpuCores: 1,
      openFiles: 256,
      fileBytes: 1_048_576,
      tmpBytes: 1_048_576,
    },
    platform: "linux",
  });
  const plugin = await sandbox.launch(policy);
  const [printed, { reason }] = await Promise.all([text(plugin.stdout), plugin.exited]);
  console.log(`${printed}plugin ${reason}`);
  await sandbox.close();
} else {
  // Nothing runs unconfined: the report says what is missing and how to get it.
  for (const { name, detail, remedy } of report.probes) console.log(name, detail, remedy ?? "");
}
await rm(root, { recursive: true });
