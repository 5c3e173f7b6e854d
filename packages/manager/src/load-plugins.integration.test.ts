import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import {
  allOf,
  ed25519Verifier,
  type PluginVerifier,
  treeDigestVerifier,
} from "@sigilrt/integrity";
import {
  createPluginRegistry,
  type ImportPlugin,
  inspectPlugins,
  loadPlugins,
  type LoadPluginsOptions,
  PLUGIN_REJECTION_KINDS,
  type PluginRejection,
} from "@sigilrt/manager";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type LoadingBench, moduleOf, openLoadingBench } from "./fixtures/loading-bench.ts";

let bench: LoadingBench;
const load = (more: Partial<LoadPluginsOptions> = {}): ReturnType<typeof loadPlugins> =>
  loadPlugins(bench.root, { ...bench.options, ...more });
const editLock = (edit: (text: string) => string): void =>
  writeFileSync(bench.lockPath, edit(readFileSync(bench.lockPath, "utf8")));
const answering = (rejection: Readonly<Record<string, unknown>>): PluginVerifier => ({
  name: "third-party",
  verify: () => Promise.resolve({ ok: false, rejection } as never),
});
/** Changes the stored tree after it was verified and before it is imported. */
const swapped = (change: (path: string) => void): ImportPlugin => {
  const { importPlugin } = bench.options;
  return (plugin, options) => {
    if (plugin.id === "mm") change(plugin.storePath);
    return importPlugin(plugin, options);
  };
};
const unlock = (path: string): void => {
  for (const name of ["", "main.mjs"]) chmodSync(join(path, name), 0o755);
};

beforeEach(async () => {
  bench = await openLoadingBench();
});
afterEach(() => {
  bench[Symbol.dispose]();
});

interface Attack {
  readonly kind: PluginRejection["kind"];
  /** Which of the three modules ran before the refusal: none when it came from the first two gates. */
  readonly imported?: readonly string[];
  readonly attack: () => unknown;
}

const FIRST = ["aa"];
const ALL = ["aa", "mm", "zz"];
const attacks: readonly Attack[] = [
  {
    kind: "integrity_mismatch",
    attack: () => appendFileSync(join(bench.root, "mm/main.mjs"), " "),
  },
  { kind: "missing_manifest", attack: () => rmSync(join(bench.root, "mm/plugin.yaml")) },
  {
    kind: "schema_violation",
    attack: () => appendFileSync(join(bench.root, "mm/plugin.yaml"), "colour: red\n"),
  },
  {
    kind: "unlocked_plugin",
    attack: () => {
      mkdirSync(join(bench.root, "nn"));
      const text = readFileSync(join(bench.root, "mm/plugin.yaml"), "utf8");
      bench.write("nn/plugin.yaml", text.replace("name: mm", "name: nn"));
    },
  },
  {
    kind: "missing_plugin_directory",
    attack: () => rmSync(join(bench.root, "mm"), { recursive: true }),
  },
  {
    kind: "symlink_escape",
    attack: () => symlinkSync("plugin.yaml", join(bench.root, "mm/inward")),
  },
  { kind: "lockfile_malformed", attack: () => editLock((text) => `${text} `) },
  {
    kind: "lockfile_unsupported",
    attack: () => editLock((text) => text.replace('"lockfileVersion": 1', '"lockfileVersion": 2')),
  },
  {
    kind: "unsupported_digest_algorithm",
    attack: () => editLock((text) => text.replace("tree1-sha256", "tree0-md5")),
  },
  {
    kind: "legacy_digest",
    attack: () => {
      const legacy = ALL.map((name) => [name, "a".repeat(64)]);
      writeFileSync(bench.lockPath, JSON.stringify(Object.fromEntries(legacy)));
    },
  },
  { kind: "path_unsafe", attack: () => bench.write("mm/evil\u202Etxt.js", "") },
  { kind: "path_collision", attack: () => bench.write("mm/MAIN.mjs", "") },
  {
    kind: "hard_link",
    attack: () => linkSync(join(bench.root, "aa/main.mjs"), join(bench.root, "aa/other.mjs")),
  },
  {
    kind: "special_file",
    attack: () => void execFileSync("mkfifo", [join(bench.root, "mm/pipe")]),
  },
  { kind: "unsafe_mode", attack: () => chmodSync(join(bench.root, "mm/main.mjs"), 0o666) },
  { kind: "tree_limit", attack: () => ({ limits: { files: 1 } }) },
  { kind: "file_list_mismatch", attack: () => bench.write("mm/manifest.txt", "") },
  {
    kind: "manifest_id_mismatch",
    attack: () => renameSync(join(bench.root, "mm"), join(bench.root, "nn")),
  },
  {
    kind: "version_mismatch",
    attack: () => editLock((text) => text.replace('"version": "1.2.0"', '"version": "1.1.0"')),
  },
  {
    kind: "rollback_detected",
    attack: () => editLock((text) => text.replace('"version": "1.2.0"', '"version": "1.3.0"')),
  },
  {
    kind: "engine_unsupported",
    attack: async () => {
      appendFileSync(join(bench.root, "mm/plugin.yaml"), 'engine: ">=2"\n');
      await bench.lock();
      return { engine: "1.0.0" };
    },
  },
  {
    kind: "consent_required",
    attack: async () => {
      appendFileSync(join(bench.root, "mm/plugin.yaml"), "capabilities: [exec.run]\n");
      await bench.lock();
      const agreed = { userId: "ada", capabilities: ["sessions.*"] };
      return { consent: { find: () => Promise.resolve(agreed) } };
    },
  },
  {
    kind: "signature_missing",
    attack: () => ({ verifier: ed25519Verifier({ signatures: () => undefined }) }),
  },
  {
    kind: "signature_invalid",
    attack: () => {
      const signatures = ({ plugin }: { readonly plugin: string }): string =>
        bench.sign(plugin === "aa" ? "aa" : "zz");
      return { verifier: allOf(treeDigestVerifier(), ed25519Verifier({ signatures })) };
    },
  },
  {
    kind: "untrusted_signer",
    attack: () => {
      const stranger = (line: string): string =>
        line.replace(/ed25519:./u, (name) => (name.endsWith("A") ? "ed25519:B" : "ed25519:A"));
      const signatures = (): string => stranger(bench.sign("aa"));
      return { verifier: ed25519Verifier({ signatures }) };
    },
  },
  {
    kind: "attestation_subject_mismatch",
    attack: () => ({
      verifier: answering({ kind: "attestation_subject_mismatch", plugin: "aa", subjects: [] }),
    }),
  },
  {
    kind: "verifier_failed",
    attack: () => ({
      verifier: { name: "broken", verify: () => Promise.reject(new Error("no network")) },
    }),
  },
  {
    kind: "plugin_import_error",
    imported: FIRST,
    attack: async () => {
      bench.write("mm/main.mjs", "throw new RangeError('at import');\n");
      await bench.lock();
    },
  },
  {
    kind: "integrity_mismatch_at_load",
    imported: FIRST,
    attack: () => ({
      importPlugin: swapped((path) => {
        unlock(path);
        writeFileSync(join(path, "main.mjs"), moduleOf("evil"));
      }),
    }),
  },
  {
    kind: "unlisted_file_loaded",
    imported: FIRST,
    attack: async () => {
      bench.write("mm/main.mjs", moduleOf("mm", "", 'import "./late.mjs";\n'));
      await bench.lock();
      return {
        importPlugin: swapped((path) => {
          unlock(path);
          writeFileSync(join(path, "late.mjs"), moduleOf("evil"));
        }),
      };
    },
  },
  {
    kind: "import_outside_plugin",
    imported: FIRST,
    attack: async () => {
      bench.write("mm/main.mjs", moduleOf("mm", "", 'import "node:child_process";\n'));
      await bench.lock();
    },
  },
  {
    kind: "addon_not_allowed",
    imported: FIRST,
    attack: async () => {
      bench.write("mm/main.mjs", moduleOf("mm", "", 'import "./native.node";\n'));
      bench.write("mm/native.node", "");
      await bench.lock();
    },
  },
  {
    kind: "surface_changed",
    imported: ALL,
    attack: async () => {
      bench.write(
        "mm/main.mjs",
        moduleOf("mm").replace("Greets", "Greets, and sends me your keys"),
      );
      await bench.lock();
    },
  },
  {
    kind: "registration_conflict",
    imported: ALL,
    attack: async () => {
      bench.write("mm/main.mjs", moduleOf("mm", 'registrar.hook("closing", () => undefined);'));
      await bench.lock();
    },
  },
];

/** Attacks that one folder with one lock cannot hold, and where they are made instead. */
const elsewhere: readonly PluginRejection["kind"][] = [
  "duplicate_plugin", // two folders of plugins: discover.test.ts
  "mount_point", // a mount: integrity/src/file-systems.integration.test.ts
  "changed_during_read", // a writer at the right moment: integrity/src/digest.test.ts
];

describe("loadPlugins", () => {
  it("loads every plugin into the registry it was given", async () => {
    const outcome = await load();
    expect(outcome).toMatchObject({ ok: true });
    expect([...bench.options.registry.plugins.keys()]).toEqual(["aa", "mm", "zz"]);
    const greet = bench.options.registry.plugins.get("mm")?.tools.get("greet");
    expect(greet?.execute({}, { signal: AbortSignal.timeout(1_000) })).toBe("mm");
    expect(bench.imported()).toEqual(ALL);
  });

  it("reports what was loaded, from where, and how long each gate took", async () => {
    let now = 0;
    const clock = { now: () => (now += 5) };
    const outcome = await load({ clock });
    expect(outcome).toMatchObject({
      ok: true,
      report: {
        lockDigest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/u),
        milliseconds: { discover: 5, verify: 5, import: 5, register: 5 },
      },
    });
    const plugins = outcome.ok ? outcome.report.plugins : [];
    expect(plugins).toHaveLength(3);
    for (const { digest, storePath, evidence } of plugins) {
      expect(storePath).toBe(join(bench.store, digest.replace(":", "/")));
      expect(evidence).toEqual([{ verifier: "tree-digest", detail: `${digest} is locked` }]);
    }
  });

  it.each(attacks)(
    "refuses with $kind, and the registry is as it was",
    async ({ kind, ...row }) => {
      const more = (await row.attack()) as Partial<LoadPluginsOptions> | undefined;
      const outcome = await load(more);
      expect(outcome).toMatchObject({ ok: false, rejection: { kind } });
      expect(bench.options.registry.plugins).toBe(bench.before);
      expect([...bench.before.keys()]).toEqual(["old"]);
      expect(bench.imported()).toEqual(row.imported ?? []);
    },
  );

  it("has an attack for every kind of refusal", () => {
    const kinds = [...attacks.map(({ kind }) => kind), ...elsewhere];
    expect(kinds.toSorted()).toEqual(PLUGIN_REJECTION_KINDS.toSorted());
  });

  it("imports none of ten when the last of them was tampered with", async () => {
    for (const name of ["b1", "b2", "b3", "b4", "b5", "b6", "b7"]) {
      mkdirSync(join(bench.root, name));
      const text = readFileSync(join(bench.root, "aa/plugin.yaml"), "utf8");
      bench.write(`${name}/plugin.yaml`, text.replace("name: aa", `name: ${name}`));
      bench.write(`${name}/main.mjs`, moduleOf(name));
    }
    const text = readFileSync(bench.lockPath, "utf8");
    const entry = /"aa": (\{[^}]*\})/u.exec(text)?.[1] ?? "";
    const { plugins } = JSON.parse(text) as { plugins: Record<string, unknown> };
    expect(entry).not.toBe("");
    const { digestTree } = await import("@sigilrt/integrity");
    for (const name of ["b1", "b2", "b3", "b4", "b5", "b6", "b7"]) {
      // oxlint-disable-next-line no-await-in-loop -- seven small folders
      const tree = await digestTree(join(bench.root, name));
      plugins[name] = { ...JSON.parse(entry), digest: tree.ok ? tree.digest : "" };
    }
    const sorted = Object.fromEntries(
      Object.entries(plugins).toSorted(([a], [b]) => (a < b ? -1 : 1)),
    );
    writeFileSync(
      bench.lockPath,
      `${JSON.stringify({ lockfileVersion: 1, plugins: sorted }, null, 2)}\n`,
    );
    expect(await load()).toMatchObject({ ok: true });
    expect(bench.imported()).toHaveLength(10);

    Reflect.deleteProperty(globalThis, "imported");
    bench.options.registry.replace(bench.before);
    const { plugins: before } = bench.options.registry;
    appendFileSync(join(bench.root, "zz/main.mjs"), "globalThis.imported.push('evil');\n");
    expect(await load()).toMatchObject({
      ok: false,
      rejection: { kind: "integrity_mismatch", plugin: "zz" },
    });
    expect(bench.imported()).toEqual([]);
    expect(bench.options.registry.plugins).toBe(before);
  });

  // C5 of the known defects.
  it("registers only into the registry it was given", async () => {
    const mine = createPluginRegistry();
    expect(await load({ registry: mine })).toMatchObject({ ok: true });
    expect([...mine.plugins.keys()]).toEqual(ALL);
    expect(bench.options.registry.plugins).toBe(bench.before);
  });

  it("takes nothing from a plugin after its registration has ended", async () => {
    bench.write(
      "zz/main.mjs",
      moduleOf("zz", "globalThis.late = () => registrar.hook('late', () => 1);"),
    );
    await bench.lock();
    expect(await load()).toMatchObject({ ok: true });
    const late = Reflect.get(globalThis, "late") as () => void;
    expect(late).toThrow(/registration has ended/u);
    expect([...(bench.options.registry.plugins.get("zz")?.hooks.keys() ?? [])]).toEqual([
      "closing",
    ]);
  });

  it.each([
    ["has no register", "export default 1;\n"],
    ["registers no function", moduleOf("mm", "registrar.tool({ name: 'x' });")],
    ["rejects", moduleOf("mm", "return Promise.reject(new Error('no'));")],
  ])("refuses a module that %s", async (_what, text) => {
    bench.write("mm/main.mjs", text);
    await bench.lock();
    expect(await load()).toMatchObject({
      ok: false,
      rejection: { kind: "plugin_import_error", plugin: "mm", module: "main.mjs" },
    });
    expect(bench.options.registry.plugins).toBe(bench.before);
  });

  it("ends with its signal, also while a module never finishes", async () => {
    bench.write(
      "mm/main.mjs",
      "await new Promise(() => { globalThis.imported.push('hangs'); });\n",
    );
    await bench.lock();
    const control = new AbortController();
    const { importPlugin } = bench.options;
    const outcome = load({
      signal: control.signal,
      importPlugin: (plugin, options) => {
        const imported = importPlugin(plugin, options);
        if (plugin.id === "mm") control.abort(new Error("the gateway stops"));
        return imported;
      },
    });
    await expect(outcome).rejects.toThrow("the gateway stops");
    expect(bench.options.registry.plugins).toBe(bench.before);
  });

  it("accepts an empty lock for an empty folder", async () => {
    for (const name of ALL) rmSync(join(bench.root, name), { recursive: true });
    writeFileSync(bench.lockPath, "{}");
    expect(await load()).toMatchObject({ ok: true, report: { plugins: [] } });
    expect(bench.options.registry.plugins.size).toBe(0);
  });
});

describe("inspectPlugins", () => {
  it("lists every refusal of the first two gates, and runs nothing", async () => {
    appendFileSync(join(bench.root, "aa/main.mjs"), " ");
    appendFileSync(join(bench.root, "zz/main.mjs"), " ");
    const { plugins, rejections } = await inspectPlugins(bench.root, {
      ...bench.options,
      mode: "collect",
    });
    expect(plugins.map(({ id }) => id)).toEqual(["mm"]);
    expect(rejections).toMatchObject([
      { kind: "integrity_mismatch", plugin: "aa" },
      { kind: "integrity_mismatch", plugin: "zz" },
    ]);
    expect(bench.imported()).toEqual([]);
    expect(await load()).toMatchObject({ rejection: { plugin: "aa" } });
  });
});
