import { randomUUID } from "node:crypto";
import { readFile, rename, writeFile } from "node:fs/promises";
import type { Surface } from "@sigilrt/integrity";
import type { ConsentRecord, ConsentStore } from "@sigilrt/manager";
import { z } from "zod";

const MAX_BYTES = 4_194_304;

const json: z.ZodType<Surface["tools"][number]["inputSchema"]> = z.json();
/** The form of what a plugin says of itself. */
export const surfaceSchema = z.strictObject({
  capabilities: z.array(z.string().max(1_024)).max(256),
  hooks: z.array(z.string().max(256)).max(256),
  tools: z
    .array(
      z.strictObject({
        name: z.string().max(128),
        title: z.string().max(1_024).exactOptional(),
        description: z.string().max(16_384),
        inputSchema: json,
        outputSchema: json.exactOptional(),
        annotations: json.exactOptional(),
      }),
    )
    .max(1_024),
});

const consentSchema = z.strictObject({
  capabilities: z.array(z.string().max(1_024)).max(256),
  digest: z.string().max(256),
  surface: surfaceSchema,
  userId: z.string().min(1).max(256),
});
const fileSchema = z.strictObject({
  version: z.literal(1),
  consents: z.record(z.string().max(64), consentSchema),
});

/** What people agreed to, by plugin. */
export type Consents = Readonly<Record<string, RecordedConsent>>;

/** One recorded consent: who agreed to which bytes, which rights and which tool texts. */
export interface RecordedConsent extends ConsentRecord {
  /** The bytes. */
  readonly digest: string;
  /** The tool texts. */
  readonly surface: Surface;
}

/** Reads the recorded consents. @throws Error that names the file, what is wrong, and what to do */
export async function readConsents(path: string): Promise<Consents> {
  const refuse = (state: string, cause?: unknown): Error =>
    new Error(`Cannot read the consents "${path}": ${state}; restore the file from its history`, {
      cause,
    });
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw refuse(cause instanceof Error ? cause.message : "unknown failure", cause);
  });
  if (text.length > MAX_BYTES) throw refuse(`more than ${MAX_BYTES} characters`);
  const parsed = fileSchema.safeParse(parseJson(text, refuse));
  if (parsed.success) return parsed.data.consents;
  const [issue] = parsed.error.issues;
  throw refuse(`${issue?.path.join(".") ?? ""}: ${issue?.message ?? "not in its form"}`);
}

function parseJson(text: string, refuse: (state: string, cause: unknown) => Error): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw refuse("it is no JSON", cause);
  }
}

/** Writes the recorded consents whole or not at all, sorted by plugin, in a form whose differences read well. */
export async function writeConsents(path: string, consents: Consents): Promise<void> {
  const sorted = Object.entries(consents).toSorted(([left], [right]) => (left < right ? -1 : 1));
  const file = { version: 1, consents: Object.fromEntries(sorted) };
  const draft = `${path}.${randomUUID()}`;
  await writeFile(draft, `${JSON.stringify(file, null, 2)}\n`);
  await rename(draft, path);
}

/** Answers with the consent for exactly the bytes that are asked about. */
export function consentStore(consents: Consents): ConsentStore {
  return {
    async find(plugin, digest) {
      const consent = Object.hasOwn(consents, plugin) ? consents[plugin] : undefined;
      return consent?.digest === digest ? consent : undefined;
    },
  };
}
