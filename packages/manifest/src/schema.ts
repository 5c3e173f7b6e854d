import { z } from "zod";
import { checkConfigSchema } from "./config-schema.ts";
import {
  checkEnvName,
  checkImage,
  checkMount,
  checkNetworkEntry,
  checkPath,
} from "./execution-rules.ts";
import {
  commandField,
  countField,
  durationField,
  programText,
  ruled,
  ruledText,
  shownText,
  sizeField,
  treePath,
  uniqueBy,
} from "./fields.ts";
import {
  checkName,
  checkRange,
  checkSecretName,
  checkToolName,
  checkVersion,
} from "./identity-rules.ts";
import { checkPattern } from "./rights-rules.ts";
import { EXECUTION_TIERS, PLUGIN_ADAPTERS, PLUGIN_TYPES } from "./vocabulary.ts";

const MiB = 1_048_576;
const pattern = (role: "asked" | "denied"): z.ZodString =>
  z.string().check(ruled(checkPattern(role)));
const patternEntry = (role: "asked" | "denied") =>
  z.union([
    pattern(role),
    z.strictObject({ pattern: pattern(role), description: shownText(280).nullish() }),
  ]);
const nameOf = (entry: string | { readonly pattern: string }): string =>
  typeof entry === "string" ? entry : entry.pattern;
const paths = (role: "write" | "deny") =>
  z
    .array(z.string().check(ruled(checkPath(role))))
    .max(64)
    .check(uniqueBy(String))
    .nullish();

const execution = z.strictObject({
  tier: z.enum(EXECUTION_TIERS).describe("Preferred isolation; policy may only raise it"),
  sandbox: z
    .strictObject({
      filesystem: z
        .strictObject({ write_allow: paths("write"), read_deny: paths("deny") })
        .nullish(),
      network: z
        .strictObject({
          allow: z
            .array(z.string().check(ruled(checkNetworkEntry)))
            .max(64)
            .check(uniqueBy(String))
            .nullish()
            .describe("host:port entries; none means no network"),
          proxy: z.boolean().nullish(),
        })
        .nullish(),
    })
    .nullish(),
  image: ruledText(512, checkImage).nullish(),
  // Its own rule, so that a container manifest with a made-up mode reads as a container problem.
  network: z.string().nullish(),
  memory_limit: sizeField(4 * MiB, 65_536 * MiB).nullish(),
});

const resources = z.strictObject({
  memory: sizeField(4 * MiB, 65_536 * MiB).nullish(),
  cpu: z.number().min(0.01).max(64).nullish(),
  pids: countField(1, 4_096).nullish(),
  fuel: countField(1, Number.MAX_SAFE_INTEGER).nullish(),
  concurrency: countField(1, 1_024).nullish(),
  max_result: sizeField(1_024, 64 * MiB).nullish(),
  timeouts: z
    .strictObject({
      start: durationField(100, 600_000).nullish(),
      call: durationField(10, 3_600_000).nullish(),
      idle: durationField(10, 3_600_000).nullish(),
    })
    .nullish(),
});

const storage = z.strictObject({
  kv: z.boolean().nullish(),
  volumes: z
    .array(
      z.strictObject({
        name: ruledText(64, checkSecretName("storage.mount")),
        mount: ruledText(1_024, checkMount),
        size_limit: sizeField(1, Number.MAX_SAFE_INTEGER).nullish(),
        persist: z.boolean().nullish(),
      }),
    )
    .max(8)
    .check(uniqueBy(({ name }) => name))
    .nullish(),
  memory: z
    .strictObject({
      collections: z
        .array(
          z.strictObject({
            name: ruledText(64, checkSecretName("field.value")),
            embedding_model: shownText(128).nullish(),
            max_entries: countField(1, Number.MAX_SAFE_INTEGER).nullish(),
          }),
        )
        .max(16)
        .check(uniqueBy(({ name }) => name))
        .nullish(),
    })
    .nullish(),
});

/** The shape of `plugin.yaml`, field by field. Rules that join fields are in `rules.ts`. */
export const manifestSchema = z.strictObject({
  name: z.string().check(ruled(checkName)).describe("The plugin's id everywhere"),
  version: z.string().check(ruled(checkVersion)).describe("SemVer 2.0.0, quoted"),
  type: z.enum(PLUGIN_TYPES).describe("The service contract it implements"),
  description: shownText(500).nullish(),
  engine: z
    .string()
    .check(ruled(checkRange("engine")))
    .nullish(),
  license: shownText(128).nullish(),
  capabilities: z.array(patternEntry("asked")).max(128).check(uniqueBy(nameOf)).nullish(),
  deny_capabilities: z.array(patternEntry("denied")).max(128).check(uniqueBy(nameOf)).nullish(),
  tools: z
    .array(
      z.union([
        z.string().check(ruled(checkToolName)),
        z.strictObject({
          name: z.string().check(ruled(checkToolName)),
          description: shownText(500).nullish(),
        }),
      ]),
    )
    .max(256)
    .check(uniqueBy((tool) => (typeof tool === "string" ? tool : tool.name)))
    .nullish(),
  entry: z
    .strictObject({ command: commandField.nullish(), module: treePath(".wasm").nullish() })
    .nullish(),
  adapter: z.enum(PLUGIN_ADAPTERS).nullish(),
  env: z
    .record(z.string(), programText)
    .check((context) => {
      const names = Object.keys(context.value);
      if (names.length > 64) {
        const message = `Cannot use ${names.length} variables: at most 64`;
        context.issues.push({
          code: "custom",
          input: context.value,
          message,
          params: { rule: "field.count" },
        });
      }
      for (const name of names) {
        const broken = checkEnvName(name);
        if (!broken) continue;
        const [rule, message] = broken;
        context.issues.push({
          code: "custom",
          input: name,
          message,
          path: [name],
          params: { rule, atKey: true },
        });
      }
    })
    .nullish(),
  secrets: z
    .array(
      z.strictObject({
        name: z.string().check(ruled(checkSecretName("secret.name"))),
        env: z.string().check(ruled(checkEnvName)).nullish(),
        description: shownText(280).nullish(),
        required: z.boolean().nullish(),
      }),
    )
    .max(32)
    .check(uniqueBy(({ name }) => name))
    .nullish(),
  execution,
  resources: resources.nullish(),
  health: z
    .strictObject({
      interval: durationField(1_000, 3_600_000, "0s").nullish(),
      timeout: durationField(100, 60_000).nullish(),
      failures: countField(1, 20).nullish(),
    })
    .nullish(),
  config_schema: z.record(z.string(), z.unknown()).check(checkConfigSchema).nullish(),
  dependencies: z.record(z.string(), z.string().check(ruled(checkRange("dependency")))).nullish(),
  lifecycle: z
    .strictObject({
      hot_reload: z.boolean().nullish(),
      graceful_shutdown_timeout: durationField(0, 600_000, "").nullish(),
      scope: z.enum(["user", "workspace", "shared"]).nullish(),
      max_instances: countField(1, 256).nullish(),
      idle_stop: durationField(0, 86_400_000).nullish(),
    })
    .nullish(),
  self_test: z
    .strictObject({
      imports: z.array(treePath()).max(32).check(uniqueBy(String)).nullish(),
      command: commandField.nullish(),
    })
    .nullish(),
  storage: storage.nullish(),
});

/** A manifest whose fields are each in order. */
export type ManifestInput = z.output<typeof manifestSchema>;
