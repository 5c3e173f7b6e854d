#!/usr/bin/env node
import { basename, resolve } from "node:path";
import { createProject } from "./create-project.ts";
import { ScaffoldError } from "./scaffold-error.ts";

const [given, ...more] = process.argv.slice(2);
if (given === undefined || given.startsWith("-") || more.length > 0) {
  process.stderr.write("usage: npm create sigil-plugin NAME\n");
  process.exitCode = 2;
} else {
  try {
    await createProject(basename(resolve(given)), resolve(given));
    process.stdout.write(
      `Made ${given}. Next:\n  cd ${given}\n  npm install\n  npm test\n  npm run pack\n`,
    );
  } catch (error) {
    if (!(error instanceof ScaffoldError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}
