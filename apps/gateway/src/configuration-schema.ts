import { CapabilityError, parsePattern } from "@sigilrt/capability";
import { z } from "zod";

const id = z.string().regex(/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/u, {
  error: "must be lower-case letters, digits and single hyphens, beginning with a letter",
});
const path = z.string().min(1).max(4_096);

const pattern = z.string().superRefine((text, context) => {
  try {
    parsePattern(text);
  } catch (error) {
    const detail = error instanceof CapabilityError ? error.message : "no pattern";
    context.addIssue({ code: "custom", message: detail });
  }
});
const patterns = z.array(pattern).max(128);

// Another machine would reach a gateway that speaks plain HTTP; TLS and proxies are not in this version.
const host = z.enum(["127.0.0.1", "::1", "localhost"], {
  error: "must be 127.0.0.1, ::1 or localhost: this version listens on this machine alone",
});

const toolName = z.string().regex(/^[a-z0-9-]+\.[A-Za-z0-9_.-]{1,128}$/u, {
  error: "must be <plugin>.<tool>",
});

const rate = z.int().min(1).max(1_000_000);
const concurrency = z.int().min(1).max(100_000);
const budget = z.int().min(1).max(1_000_000_000);
const limits = z.strictObject({
  rate: rate.optional(),
  concurrency: concurrency.optional(),
  budget: budget.optional(),
});

/** One kind of limit, for the gateway as a whole and for each of the others. */
const forAll = (count: z.ZodInt) => ({
  gateway: count.optional(),
  workspace: count.optional(),
  plugin: count.optional(),
  tool: count.optional(),
});

/** The shape of `gateway.yaml`. A key that is not here is refused, never ignored. */
export const configurationSchema = z.strictObject({
  listen: z
    .strictObject({ host: host.default("127.0.0.1"), port: z.int().min(0).max(65_535).default(0) })
    .prefault({}),
  page: z
    .strictObject({
      enabled: z.boolean().default(true),
      port: z.int().min(0).max(65_535).default(0),
    })
    .prefault({}),
  data: path,
  lock: path.default("plugins.lock"),
  consents: path.default("consents.json"),
  plugins: z
    .record(
      id,
      z.strictObject({
        path,
        eager: z.boolean().default(false),
        limits: limits
          .extend({
            tools: z.record(z.string().regex(/^[A-Za-z0-9_.-]{1,128}$/u), limits).prefault({}),
          })
          .prefault({}),
      }),
    )
    .prefault({}),
  roles: z.record(id, patterns).prefault({}),
  workspaces: z
    .record(
      id,
      z.strictObject({
        allow: patterns.default([]),
        aliases: z.record(z.string().regex(/^[A-Za-z0-9_-]{1,64}$/u), toolName).prefault({}),
        only_aliases: z.boolean().default(false),
        separator: z.enum([".", "__"]).default("."),
        limits: limits.prefault({}),
      }),
    )
    .prefault({}),
  users: z
    .record(
      id,
      z.strictObject({
        role: id.optional(),
        permissions: patterns.default([]),
        workspaces: z.array(id).min(1).max(64),
        limits: limits.prefault({}),
      }),
    )
    .prefault({}),
  limits: z
    .strictObject({
      rate: z.strictObject({ ...forAll(rate), user: rate.default(60) }).prefault({}),
      concurrency: z
        .strictObject({ ...forAll(concurrency), user: concurrency.default(16) })
        .prefault({}),
      budget: z.strictObject({ ...forAll(budget), user: budget.optional() }).prefault({}),
    })
    .prefault({}),
  audit: z
    .strictObject({
      durability: z.enum(["group", "each", "none"]).default("group"),
      anchors: z
        .array(
          z.union([
            z.strictObject({ file: path }),
            z.strictObject({ command: z.array(z.string().min(1)).min(1).max(64) }),
          ]),
        )
        .max(8)
        .default([]),
    })
    .prefault({}),
  sandbox: z
    .strictObject({
      run_as: z
        .strictObject({
          uid: z.int().min(1).max(4_294_967_294),
          gid: z.int().min(1).max(4_294_967_294),
        })
        .optional(),
    })
    .prefault({}),
});

/** A configuration as it is written, defaults applied. */
export type WrittenConfiguration = z.output<typeof configurationSchema>;

/** The keys that may stand at a place, for suggestions; empty where names are free. */
export function keysAt(at: readonly (string | number)[]): readonly string[] {
  let schema: unknown = configurationSchema;
  for (const part of at) {
    const inner = unwrap(schema);
    if (inner instanceof z.ZodObject) schema = inner.shape[String(part)];
    else if (inner instanceof z.ZodRecord) schema = inner.valueType;
    else if (inner instanceof z.ZodArray) schema = inner.element;
    else return [];
  }
  const found = unwrap(schema);
  return found instanceof z.ZodObject ? Object.keys(found.shape) : [];
}

function unwrap(schema: unknown): unknown {
  const isWrapper =
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodOptional;
  return isWrapper ? unwrap(schema.def.innerType) : schema;
}
