import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createProject, ScaffoldError } from "create-sigil-plugin";

const folder = await mkdtemp(join(tmpdir(), "plugins-"));
const files = await createProject("weather", join(folder, "weather"));
console.log(files.join(" "));
const manifest = await readFile(join(folder, "weather", "plugin.yaml"), "utf8");
console.log(manifest.split("\n")[0]);

try {
  await createProject("../weather", join(folder, "other"));
} catch (error) {
  if (error instanceof ScaffoldError) console.log(error.code);
}
await rm(folder, { recursive: true });
