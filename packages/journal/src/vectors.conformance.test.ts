import { canonicalize } from "@sigilrt/canonical";
import {
  createCheckpointSigner,
  signCheckpoint,
  verifyCheckpoint,
  verifyJournal,
} from "@sigilrt/journal";
import vectors from "@sigilrt/journal/vectors" with { type: "json" };
import { describe, expect, it } from "vitest";
import { hashOf, type JournalRecord } from "./record.ts";

async function* bytes(...parts: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  await Promise.resolve();
  yield* parts;
}
const decoded = (base64: string): Buffer => Buffer.from(base64, "base64");
const { log, checkpoint, attacks } = vectors;
const lines = vectors.records.map(({ body, entryHash }) =>
  canonicalize({
    ...(JSON.parse(body) as Omit<JournalRecord, "entry_hash">),
    entry_hash: entryHash,
  }),
);
const whole = (): AsyncGenerator<Uint8Array> => bytes(Buffer.from(`${lines.join("\n")}\n`));

describe("records", () => {
  it.each(vectors.records)("$id hashes to its entry_hash", ({ body, bodyBytes, entryHash }) => {
    expect(Buffer.byteLength(body)).toBe(bodyBytes);
    expect(hashOf(body)).toBe(entryHash);
  });

  it("has the root of the vectors", async () => {
    expect(await verifyJournal(whole())).toMatchObject({
      ok: true,
      records: 2,
      root: checkpoint.root,
    });
  });
});

describe("checkpoints", () => {
  const signer = createCheckpointSigner(
    "example.org/gateway",
    Buffer.from(checkpoint.privateSeedHex, "hex"),
  );

  it("signs the note of the vectors, byte for byte", () => {
    expect(signer.vkey).toBe(checkpoint.vkey);
    const { size, root } = checkpoint;
    expect(signCheckpoint({ log, size, root }, signer)).toBe(checkpoint.note);
  });

  it.each(vectors.checkpointCases)("$name: $expected", async ({ note, expected }) => {
    const verdict = await verifyJournal(whole(), {
      log,
      checkpoints: [note],
      keys: [checkpoint.vkey],
    });
    expect(verdict.ok ? "ok" : verdict.kind).toBe(expected);
    const alone = verifyCheckpoint(note, { log, keys: [checkpoint.vkey] });
    expect(alone.ok || expected === alone.kind).toBe(true);
  });
});

describe("attacks", () => {
  const modes = ["strict", "fast"] as const;
  // What is spelled otherwise has another hash, but for one whose type is no word.
  const inFast = (name: string, kind: string | undefined): string | undefined => {
    if (kind !== "record_not_canonical") return kind;
    return name === "lone surrogate" ? "record_malformed" : "entry_hash_mismatch";
  };

  it.each(attacks.cases)("$name, by the chain alone", async ({ base64, chainOnly }) => {
    const verdict = await verifyJournal(bytes(decoded(base64)), { log: attacks.log });
    expect(
      verdict.ok ? { ok: true, entries: verdict.records } : { ok: false, kind: verdict.kind },
    ).toEqual(chainOnly);
  });

  it.each(attacks.cases)("$name, with a checkpoint", async ({ base64, withCheckpoint }) => {
    const options = { log: attacks.log, checkpoints: [attacks.checkpoint] };
    const verdict = await verifyJournal(bytes(decoded(base64)), options);
    expect(
      verdict.ok ? { ok: true, entries: verdict.records } : { ok: false, kind: verdict.kind },
    ).toEqual(withCheckpoint);
  });

  it.each(attacks.cases)(
    "$name, wherever the stream is cut and in both modes",
    async ({ name, base64, withCheckpoint }) => {
      const input = decoded(base64);
      const single = Array.from(input, (byte) => Uint8Array.of(byte));
      for (const mode of modes) {
        const options = { log: attacks.log, checkpoints: [attacks.checkpoint], mode };
        // oxlint-disable-next-line no-await-in-loop -- two modes
        const [cut, uncut] = await Promise.all([
          verifyJournal(bytes(...single), options),
          verifyJournal(bytes(input), options),
        ]);
        expect(cut).toEqual(uncut);
        const kind = "kind" in withCheckpoint ? withCheckpoint.kind : undefined;
        const expected = mode === "fast" ? inFast(name, kind) : kind;
        expect(cut.ok ? undefined : cut.kind).toBe(expected);
      }
    },
  );
});
