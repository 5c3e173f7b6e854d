#!/usr/bin/env node
// The command `sigil` without a gateway: bundles, and copies of an audit. A gateway brings a command of its own.
import description from "../package.json" with { type: "json" };
import { runSigil } from "./run-sigil.ts";

const noGateway = (): Promise<never> =>
  Promise.reject(
    new Error(
      "Cannot reach a gateway: this command belongs to none; run the one that came with your gateway",
    ),
  );

process.exitCode = await runSigil(
  process.argv.slice(2),
  {
    version: description.version,
    defaultConfiguration: "gateway.yaml",
    up: noGateway,
    createToken: noGateway,
    explain: noGateway,
    auditPlace: noGateway,
  },
  {
    out: (line) => void process.stdout.write(`${line}\n`),
    err: (line) => void process.stderr.write(`${line}\n`),
  },
);
