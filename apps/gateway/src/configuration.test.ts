import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parseConfiguration, readConfiguration } from "./configuration.ts";
import { ConfigurationError } from "./configuration-error.ts";

const path = "/srv/sigil/gateway.yaml";
const whole = `
data: data
plugins:
  notes: { path: plugins/notes, eager: true }
roles:
  reader: [tool.notes.read]
workspaces:
  home: { allow: [tool.*], aliases: { note: notes.read }, separator: __ }
users:
  ada: { role: reader, permissions: [tool.notes.add], workspaces: [home] }
audit:
  anchors: [{ file: /mnt/notes }, { command: [/usr/bin/keep, it] }]
`;

const refusalOf = (text: string): ConfigurationError => {
  try {
    parseConfiguration(text, path);
  } catch (error) {
    if (error instanceof ConfigurationError) return error;
    throw error;
  }
  throw new Error("It was accepted");
};

describe("a configuration", () => {
  it("has its defaults, absolute paths, and a role's permissions beside one's own", () => {
    const configuration = parseConfiguration(whole, path);
    expect(configuration).toMatchObject({
      listen: { host: "127.0.0.1", port: 0 },
      data: "/srv/sigil/data",
      lock: "/srv/sigil/plugins.lock",
      consents: "/srv/sigil/consents.json",
      audit: {
        durability: "group",
        anchors: [{ file: "/mnt/notes" }, { command: ["/usr/bin/keep", "it"] }],
      },
      runAs: undefined,
    });
    expect([...configuration.plugins]).toEqual([
      ["notes", { path: "/srv/sigil/plugins/notes", eager: true }],
    ]);
    expect(configuration.users.get("ada")).toEqual({
      permissions: ["tool.notes.read", "tool.notes.add"],
      workspaces: ["home"],
    });
  });

  it("puts limits of one's own in the place of those of each, and keeps the rest", () => {
    const { limits } = parseConfiguration(
      `data: d
limits:
  rate: { gateway: 600, tool: 30 }
  concurrency: { plugin: 4 }
  budget: { workspace: 1000 }
plugins: { notes: { path: p/notes, limits: { concurrency: 1, tools: { add: { budget: 5 } } } } }
workspaces: { home: { limits: { rate: 10 } } }
users: { ada: { workspaces: [home], limits: { rate: 120 } }, ben: { workspaces: [home] } }
`,
      path,
    );
    expect(limits).toEqual({
      gateway: { rate: 600 },
      each: {
        workspace: { budget: 1_000 },
        user: { rate: 60, concurrency: 16 },
        plugin: { concurrency: 4 },
        tool: { rate: 30 },
      },
      workspaces: new Map([["home", { rate: 10, budget: 1_000 }]]),
      users: new Map([
        ["ada", { rate: 120, concurrency: 16 }],
        ["ben", { rate: 60, concurrency: 16 }],
      ]),
      plugins: new Map([["notes", { concurrency: 1 }]]),
      tools: new Map([["notes.add", { rate: 30, budget: 5 }]]),
    });
  });

  it.each([
    ["limits: { rate: { user: 0 } }", "limits.rate.user"],
    ["limits: { rate: { user: 1.5 } }", "limits.rate.user"],
    ["limits: { budget: { gateway: -1 } }", "limits.budget.gateway"],
    ["limits: { rates: {} }", 'did you mean "rate"'],
    ["limits: { rate: { users: 5 } }", 'did you mean "user"'],
    ["workspaces: { home: { limits: { rate: many } } }", "workspaces.home.limits.rate"],
  ])("refuses %s", (text, named) => {
    expect(refusalOf(`data: d\n${text}\n`).message).toContain(named);
  });

  it("gives nothing where a section is missing", () => {
    const { workspaces, users } = parseConfiguration(
      "data: d\nworkspaces: { home: {} }\nusers: { ada: { workspaces: [home] } }\n",
      path,
    );
    expect(workspaces.get("home")?.allow).toEqual([]);
    expect(users.get("ada")?.permissions).toEqual([]);
  });

  it.each([
    ["data: d\nworksapces: {}\n", 2, 1, 'Cannot use key "worksapces": did you mean "workspaces"?'],
    [
      "data: d\nworkspaces:\n  home:\n    alow: [tool.*]\n",
      4,
      5,
      'Cannot use key "workspaces.home.alow": did you mean "allow"?',
    ],
    ["data: d\nsandbox: { required: false }\n", 2, 12, 'Cannot use key "sandbox.required": no '],
    ["listen: {}\n", 1, 1, 'Cannot use "data": must be string'],
    ["data: d\nlisten: { host: 0.0.0.0 }\n", 2, 17, "listens on this machine alone"],
    ["data: d\nlisten: { port: 70000 }\n", 2, 17, '"listen.port"'],
    ["data: d\nroles: { r: [tool..x] }\n", 2, 14, '"roles.r.0"'],
    ["data: d\nplugins: { Notes: { path: Notes } }\n", 2, 12, "lower-case letters"],
    ["data: d\nplugins: { notes: { path: x/other } }\n", 2, 27, 'with the plugin\'s name, "notes"'],
    ["data: d\nusers: { ada: { workspaces: [home] } }\n", 2, 30, "no workspace has this name"],
    [
      "data: d\nworkspaces: { h: {} }\nusers: { ada: { role: boss, workspaces: [h] } }\n",
      3,
      23,
      "no role has this name",
    ],
    [
      "data: d\nworkspaces: { h: { aliases: { x: gone.read } } }\n",
      2,
      34,
      "no plugin has the name before the dot",
    ],
    ["data: d\nsandbox: { run_as: { uid: 0, gid: 1 } }\n", 2, 27, '"sandbox.run_as.uid"'],
    ["data: d\naudit: { anchors: [{ url: x }] }\n", 2, 20, "{ file: <path> }"],
    ["data: d\ndata: e\n", 2, 1, "Cannot"],
    ["- data\n", 1, 1, "the file"],
  ])("refuses %j at line %i, column %i", (text, line, column, message) => {
    const { issues } = refusalOf(text);
    expect(issues[0]).toMatchObject({ line, column });
    expect(issues[0]?.message).toContain(message);
  });

  it("tells of every fault at once, in the order of the file, each behind its place", () => {
    const { message } = refusalOf("datta: d\nlisten: { port: -1 }\nusers: { ada: {} }\n");
    expect(message.split("\n").map((line) => line.slice(0, line.indexOf(": ")))).toEqual([
      `${path}:1:1`,
      `${path}:1:1`,
      `${path}:2:17`,
      `${path}:3:15`,
    ]);
  });

  it("that cannot be read is refused with what to do", async () => {
    await expect(readConfiguration("/no/such/gateway.yaml")).rejects.toThrow(
      "/no/such/gateway.yaml:1:1: Cannot read the configuration: ENOENT; name the file with --config",
    );
  });

  it("of the sample is accepted", () => {
    const sample = new URL("../gateway.yaml", import.meta.url);
    const { plugins, users } = parseConfiguration(readFileSync(sample), sample.pathname);
    expect([...plugins.keys()]).toEqual(["text", "notes", "files", "everything"]);
    expect([...users.keys()]).toEqual(["ada", "ben"]);
  });
});
