// Builds the guests in C and Rust: node src/build-wasm-guests.ts, with these on the PATH:
//   zig 0.13.0, for instance from `pip install ziglang==0.13.0`, in whose folder the program lies;
//   rustc 1.95.0 with the target of `rustup target add wasm32-unknown-unknown`.
// The compiler makes a core module, the translator's own tools make a component of it.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { componentEmbed, componentNew } from "@bytecodealliance/jco-transpile/wasm-tools";
import { compiledGuests, describeGuest, guestFile, world } from "./wasm-guests.ts";

const folder = mkdtempSync(join(tmpdir(), "guests-"));
try {
  for (const guest of compiledGuests) {
    const { name, tool, versionArgs, source, args } = guest;
    const version = execFileSync(tool, versionArgs, { encoding: "utf8" }).trim();
    const file = join(folder, `${name}.wasm`);
    execFileSync(tool, [...args, file, source], { stdio: "inherit" });
    // oxlint-disable-next-line no-await-in-loop -- two small files
    const embedded = await componentEmbed({
      binary: readFileSync(file),
      witSource: readFileSync(world, "utf8"),
      world: "tool-plugin",
      stringEncoding: "utf8",
    });
    // oxlint-disable-next-line no-await-in-loop -- two small files
    writeFileSync(guestFile(name, "wasm"), await componentNew(embedded, []));
    const record = JSON.stringify(describeGuest(guest, version), null, 2);
    writeFileSync(guestFile(name, "json"), `${record}\n`);
  }
} finally {
  rmSync(folder, { recursive: true });
}
